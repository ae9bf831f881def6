import type { ExitCode, UserError } from '../core/failure.ts'
import type { JsonRecord } from '../core/json.ts'
import { clean, inertJson } from '../core/text.ts'

/** A list of more entries than this is printed with one on a line: spread out, thousands take longer to write than to find. */
const LONG = 500

/** One JSON document: `schema` names its shape and version, `ok` says whether the exit code is 0. */
export function jsonDocument(command: string, report: { exit: ExitCode; data: JsonRecord }): string {
  const schema = `knowngood/${command.replaceAll(' ', '-')}/1`
  const ok = report.exit === 0
  const fields = Object.entries({ schema, ok, success: ok, exit: report.exit, ...report.data })
  const lines = fields.flatMap(([name, value]) => {
    const text = isLong(value) ? lineByLine(value) : JSON.stringify(value, null, 2)?.replaceAll('\n', '\n  ')
    return text === undefined ? [] : [`  ${JSON.stringify(name)}: ${text}`]
  })
  return inertJson(`{\n${lines.join(',\n')}\n}`)
}

function isLong(value: unknown): value is unknown[] {
  return Array.isArray(value) && value.length > LONG
}

function lineByLine(list: readonly unknown[]): string {
  return `[\n    ${list.map((one) => JSON.stringify(one) ?? 'null').join(',\n    ')}\n  ]`
}

/** A failure as a JSON document. */
export function errorDocument(error: UserError, exit: ExitCode): string {
  const { what, why, next } = error
  const document = { schema: 'knowngood/error/1', ok: false, success: false, exit, error: { what, why, next } }
  return inertJson(JSON.stringify(document, null, 2))
}

/** A report as lines for people, each made inert: names in it may come from a backup, a host or a repository of somebody else. */
export function reportLines(report: { lines: readonly string[] }): string[] {
  return report.lines.map(clean)
}

/** What, why, and what to do next, one line each. */
export function errorLines(error: UserError): string[] {
  const sentence = error.why === '' ? error.what : `${error.what}: ${error.why}`
  return [clean(/[.?!…]$/.test(sentence) ? sentence : `${sentence}.`), ...error.next.map((line) => `  ${clean(line)}`)]
}
