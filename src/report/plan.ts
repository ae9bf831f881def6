import { handLines } from '../core/hand-lines.ts'
import type { Action, Plan, Step } from '../core/plan.ts'
import { clean } from '../core/text.ts'

/** A plan as lines: what keeps it, what it loses, and each step with every command as it would be run. */
export function planLines(plan: Plan): string[] {
  return linesOf(plan, (step, indent) => step.actions.flatMap(actionLines).map((line) => `${indent}    ${line}`))
}

/** The same without the commands: short enough to be read before it is answered. */
export function outline(plan: Plan): string[] {
  return linesOf(plan, () => [])
}

type More = (step: Step, indent: string) => string[]

function linesOf(plan: Plan, more: More): string[] {
  return [
    clean(plan.title),
    ...section(
      'Held',
      plan.holds.map((hold) => `${hold.why}: ${hold.fix}`),
    ),
    ...section('Mind', plan.warnings),
    ...section('Loses', plan.loses),
    '',
    ...plan.steps.flatMap((step) => stepLines(step, 1, more)),
    ...(plan.always.length > 0
      ? ['', '  In every case, last:', ...plan.always.flatMap((step) => stepLines(step, 2, more))]
      : []),
  ]
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `  ${title}`, ...lines.map((line) => `    ${clean(line)}`)]
}

function stepLines(step: Step, depth: number, more: More): string[] {
  const indent = '  '.repeat(depth)
  const head = `${indent}${clean(step.title)}${step.detail === undefined ? '' : `  ${clean(step.detail)}`}`
  return [head, ...more(step, indent), ...(step.steps ?? []).flatMap((inner) => stepLines(inner, depth + 1, more))]
}

/** An action as the command lines it stands for; a call without any says its sentence. */
function actionLines(action: Action): string[] {
  const says = action.do === 'call' ? [clean(action.says)] : []
  if (action.do === 'call' && action.byHand.length === 0) return says
  return [...says, ...handLines(action).map((line) => `$ ${line}`)]
}
