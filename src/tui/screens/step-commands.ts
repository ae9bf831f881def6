import { handLines } from '../../core/hand-lines.ts'
import type { Step } from '../../core/plan.ts'

/** The exact commands of a step and of those inside it. */
export function stepCommands(step: Step): string[] {
  return [...step.actions.flatMap((action) => handLines(action)), ...(step.steps ?? []).flatMap(stepCommands)]
}
