import { CommanderError } from 'commander'
import { EXIT, type ExitCode, type UserError } from '../core/failure.ts'
import { version } from '../version.ts'
import { type Asked, buildParser } from './parser.ts'
import { commands } from './table.ts'
import { usageError } from './usage.ts'

/** What a command line asks for; its exit code where that was an answer (help), and what is wrong with it. */
export function parseArguments(argv: readonly string[]): Asked | ExitCode | UserError {
  const wanted: Asked[] = []
  try {
    buildParser(commands, version, (chosen) => wanted.push(chosen)).parse([...argv], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? EXIT.done : usageError(error.message, argv, commands)
  }
  return wanted[0] ?? EXIT.done
}
