import type { Action, Arg } from '../core/plan.ts'
import { mask } from '../world/secrets.ts'
import { resolveArg, type Scope } from './resolve.ts'

/** The same work as one line a command, to be typed in a shell. */
export function byHandLines(actions: readonly Action[], scope: Scope): string[] {
  const line = (argv: readonly Arg[]) => argv.map((arg) => word(arg, { ...scope, lenient: true })).join(' ')
  return actions.flatMap((action) => {
    if (action.do === 'exec') return [line(action.argv)]
    if (action.do === 'pipe') return [action.execs.map((exec) => line(exec.argv)).join(' | ')]
    return action.byHand.length > 0 ? action.byHand.map(line) : [`# ${action.says}`]
  })
}

function word(arg: Arg, scope: Scope): string {
  if (typeof arg !== 'string' && 'secret' in arg) return `"$${arg.secret}"`
  const text = mask(resolveArg(arg, scope, false))
  return /^[\w@%+=:,./~^-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
