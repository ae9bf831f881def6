import { handLines } from '../core/hand-lines.ts'
import type { Action, Plan, Step } from '../core/plan.ts'
import { clean } from '../core/text.ts'

/** A plan as lines: what keeps it, what it loses, and each step with every command as it would be run. */
export function planLines(plan: Plan): string[] {
  return [
    clean(plan.title),
    ...section(
      'Held',
      plan.holds.map((hold) => `${hold.why}: ${hold.fix}`),
    ),
    ...section('Mind', plan.warnings),
    ...section('Loses', plan.loses),
    '',
    ...plan.steps.flatMap((step) => stepLines(step, 1)),
    ...(plan.always.length > 0
      ? ['', '  In every case, last:', ...plan.always.flatMap((step) => stepLines(step, 2))]
      : []),
  ]
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `  ${title}`, ...lines.map((line) => `    ${clean(line)}`)]
}

function stepLines(step: Step, depth: number): string[] {
  const indent = '  '.repeat(depth)
  const head = `${indent}${clean(step.title)}${step.detail === undefined ? '' : `  ${clean(step.detail)}`}`
  const actions = step.actions.flatMap(actionLines).map((line) => `${indent}    ${line}`)
  return [head, ...actions, ...(step.steps ?? []).flatMap((inner) => stepLines(inner, depth + 1))]
}

/** An action as the command lines it stands for; a call without any says its sentence. */
function actionLines(action: Action): string[] {
  const says = action.do === 'call' ? [clean(action.says)] : []
  if (action.do === 'call' && action.byHand.length === 0) return says
  return [...says, ...handLines(action).map((line) => `$ ${line}`)]
}
