import type { Command } from './command.ts'
import { commands } from './table.ts'

/** A verb called with no more than `--json`: nothing is left to parse, and the parser takes longer to load than many a verb. */
export function bareVerb([name, flag, ...more]: readonly string[]): Command | null {
  if (more.length > 0 || (flag !== undefined && flag !== '--json')) return null
  const command = commands.find((one) => one.name === name)
  return command !== undefined && needsNoParser(command) ? command : null
}

/** Nothing must be given to it, and nothing is so unless it is said. */
function needsNoParser({ load, args, flags, sub }: Command): boolean {
  if (load === undefined || (sub ?? []).length > 0 || args?.startsWith('<') === true) return false
  return flags.every((flag) => flag.preset === undefined && !flag.flags.includes('--no-'))
}
