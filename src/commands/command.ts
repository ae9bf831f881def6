import type { ExitCode } from '../core/failure.ts'
import type { JsonRecord } from '../core/json.ts'
import type { Context } from './context.ts'

/** A flag as commander spells it; `--approved-by <name>` becomes `options.approvedBy`. */
export type Flag = { flags: string; says: string; repeat?: true; choices?: readonly string[]; preset?: string }

/**
 * One verb. The table of these feeds the parser, `--help`, completion, the palette and the reference;
 * `load` brings in the code only when the verb is run, so that `--help` stays cheap.
 */
export type Command = {
  name: string
  /** As commander spells arguments: `[id]`, `<kind>`, `[evidence...]`. */
  args?: string
  argChoices?: readonly string[]
  summary: string
  /** Two or three sentences for `--help` and the reference. */
  about?: string
  flags: readonly Flag[]
  /** Exit codes beyond 0, 1 and 2 that this verb can end with. */
  exits: readonly ExitCode[]
  examples: readonly string[]
  /** Whether it changes nothing: the palette may run it at any time. */
  reads: boolean
  hidden?: true
  load?(): Promise<{ run: RunCommand }>
  sub?: readonly Command[]
}

export type Options = Readonly<Record<string, string | boolean | string[] | undefined>>

export type RunCommand = (context: Context, args: readonly string[], options: Options) => Promise<Report>

/** What a verb has to say. `data` is the JSON document's body, `lines` the same for people; `schema` names the document. */
export type Report = { exit: ExitCode; data: JsonRecord; lines: readonly string[] }

/** The text of an option that was given. */
export function textOption(options: Options, name: string): string | null {
  const value = options[name]
  return typeof value === 'string' ? value : null
}

/** Every value of an option that may be repeated; none when it is not given. */
export function listOption(options: Options, name: string): string[] {
  const value = options[name]
  return Array.isArray(value) ? value : typeof value === 'string' ? [value] : []
}
