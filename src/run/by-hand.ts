import { handLines, handWord } from '../core/hand-lines.ts'
import { EXIT } from '../core/failure.ts'
import type { Action, Arg, Plan, Step } from '../core/plan.ts'
import { mask } from '../world/secrets.ts'
import { resolveArg, type Scope } from './resolve.ts'

/** The same work as one line a command, to be typed in a shell. */
export function byHandLines(actions: readonly Action[], scope: Scope): string[] {
  return actions.flatMap((action) => handLines(action, (arg) => word(arg, { ...scope, lenient: true })))
}

/** A step that failed and those after it that a failure would have stopped just the same, to be done by hand. */
export function remainingLines(plan: Plan, failed: Step, scope: Scope): string[] {
  // What was stopped and does not start again is wanted first, whatever else is left.
  if (failed.id === 'start') return byHandLines(failed.actions, scope)
  if (failed.haltExit !== EXIT.notPutBack) return []
  const from = plan.steps.findIndex(({ id }) => id === failed.id)
  const rest = plan.steps.slice(from).filter(({ haltExit }) => haltExit === failed.haltExit)
  return rest.flatMap(({ actions }) => byHandLines(actions, scope))
}

/** What a step before gave, where a word holds it among others as `<step.key>`; a step that is still to come stays named. */
function named(text: string, { gives }: Scope): string {
  return text.replaceAll(/<([\w.-]+)\.(\w+)>/g, (whole, step: string, key: string) => {
    const value = gives[step]?.[key]
    return typeof value === 'string' ? value : whole
  })
}

function word(arg: Arg, scope: Scope): string {
  if (typeof arg !== 'string' && 'secret' in arg) return `"$${arg.secret}"`
  return handWord(mask(named(resolveArg(arg, scope, false), scope)))
}
