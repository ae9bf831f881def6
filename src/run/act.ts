import type { JsonRecord } from '../core/json.ts'
import type { Action, Call, CallRegistry, Exec, Io } from '../core/plan.ts'
import { RUN_VARIABLE } from '../world/orphans.ts'
import { executePipe, type ExecSpec } from '../world/exec.ts'
import { resolveExec, resolveJson, type Scope } from './resolve.ts'

/** Performs one action; only calls give outputs. */
export async function act(action: Action, scope: Scope, io: Io, calls: CallRegistry): Promise<JsonRecord> {
  if (action.do === 'call') return await call(action, scope, io, calls)
  const execs = action.do === 'pipe' ? action.execs : [action]
  await executePipe(execs.map((exec) => specOf(exec, scope, io)))
  return {}
}

/** Makes a named call with its input resolved. */
export async function call(action: Call, scope: Scope, io: Io, calls: CallRegistry): Promise<JsonRecord> {
  const make = calls[action.name]
  if (make === undefined) throw new Error(`no call is named ${action.name}`)
  return await make(resolveJson(action.input, scope) as never, io)
}

function specOf(exec: Exec, scope: Scope, io: Io): ExecSpec {
  const own = resolveExec(exec, scope)
  return {
    ...own,
    cwd: own.cwd ?? io.root,
    env: { ...own.env, [RUN_VARIABLE]: io.run },
    signal: io.signal,
    onLine: (_from, line) => io.line(line),
    onChild: (pid) => io.child(pid),
  }
}
