import type { Action, Arg, Exec, Step } from '../../core/plan.ts'

/** The exact commands of a step and of those inside it: the very ones a run would use. */
export function stepCommands(step: Step): string[] {
  return [...step.actions.flatMap(ofAction), ...(step.steps ?? []).flatMap(stepCommands)]
}

function ofAction(action: Action): string[] {
  if (action.do === 'exec') return [ofExec(action)]
  if (action.do === 'pipe') return [action.execs.map(ofExec).join(' | ')]
  return action.byHand.length === 0 ? [`# ${action.says}`] : action.byHand.map((argv) => argv.map(word).join(' '))
}

const ofExec = (exec: Exec): string => exec.argv.map(word).join(' ')

function word(arg: Arg): string {
  if (typeof arg !== 'string') return '$' in arg ? `<${arg.$}>` : `$${arg.secret}`
  return /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", String.raw`'\''`)}'`
}
