import { StepFailed } from '../core/failure.ts'
import type { Json, JsonRecord } from '../core/json.ts'
import type { Arg, Exec } from '../core/plan.ts'
import { secretValue } from '../world/secrets.ts'

/**
 * What Refs are looked up in. `lenient` turns what is not there into null: undo and `always` run after anything. `failed`: the title
 * of a step that was tried and gave nothing.
 */
export type Scope = {
  gives: Readonly<Record<string, JsonRecord>>
  run: JsonRecord
  was?: Json
  lenient: boolean
  failed?: (step: string) => string | null
}

/** The value a Ref names. Step ids may hold dots: the last one divides. */
function lookUp(name: string, scope: Scope): Json {
  const at = name.lastIndexOf('.')
  const [from, key] = name === 'was' ? ['was', ''] : [name.slice(0, at), name.slice(at + 1)]
  const found = name.startsWith('was')
    ? field(scope.was ?? null, name.split('.').slice(1))
    : from === 'run'
      ? (scope.run[key] ?? null)
      : scope.gives[from]?.[key]
  if (found !== undefined) return found
  if (scope.lenient) return null
  const title = scope.failed?.(from ?? '') ?? null
  if (title !== null) throw new StepFailed('', `it waits for what failed before it: ${title}`)
  throw new Error(`no step gave ${name}`)
}

function field(value: Json, path: readonly string[]): Json {
  let at: Json = value
  for (const key of path) at = isRecord(at) ? (at[key] ?? null) : null
  return at
}

function isRecord(value: Json): value is JsonRecord {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

/** An input with every Ref in it replaced by its value. Secrets stay names: calls read them themselves. */
export function resolveJson(value: Json, scope: Scope): Json {
  if (Array.isArray(value)) return value.map((inner: Json) => resolveJson(inner, scope))
  if (!isRecord(value)) return value
  const ref = value['$']
  if (typeof ref === 'string' && Object.keys(value).length === 1) return lookUp(ref, scope)
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolveJson(inner, scope)]))
}

/** A word for a child. Secrets only where they cannot be seen from outside: environment and stdin, never argv. */
export function resolveArg(arg: Arg, scope: Scope, secrets: boolean): string {
  if (typeof arg === 'string') return arg
  if ('secret' in arg) {
    if (!secrets) throw new Error(`the secret ${arg.secret} may not be a command's word`)
    return secretValue(arg.secret)
  }
  const value = lookUp(arg.$, scope)
  return typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value)
}

/** The child's own part of an exec: words, folder, environment, stdin and where stdout goes. */
export function resolveExec(exec: Exec, scope: Scope) {
  const optional = (arg: Arg | undefined, secrets: boolean) =>
    arg === undefined ? undefined : resolveArg(arg, scope, secrets)
  return {
    argv: exec.argv.map((arg) => resolveArg(arg, scope, false)),
    cwd: optional(exec.cwd, false),
    env: Object.fromEntries(Object.entries(exec.env ?? {}).map(([name, arg]) => [name, resolveArg(arg, scope, true)])),
    stdin: optional(exec.stdin, true),
    stdoutFile: optional(exec.stdout, false),
    idleMs: exec.idleMs,
    timeoutMs: exec.timeoutMs,
    okCodes: exec.okCodes,
  }
}
