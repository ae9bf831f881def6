import { CommanderError } from 'commander'
import type { Options, Report } from './commands/command.ts'
import { durationOption, makeContext } from './commands/context.ts'
import { type Asked, buildParser } from './commands/parser.ts'
import { commands } from './commands/table.ts'
import { usageError } from './commands/usage.ts'
import { EXIT, type ExitCode, messageOf, StepFailed, UserError } from './core/failure.ts'
import { reportCrash } from './report/crash.ts'
import { version } from './version.ts'
import { errorDocument, errorLines, jsonDocument } from './report/document.ts'

/** Runs one command line and answers with its exit code. Never throws. */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  const wantsJson = argv.includes('--json')
  const asked = parse(argv)
  if (typeof asked === 'number') return asked
  const stop = new AbortController()
  try {
    if (typeof asked.options['directory'] === 'string') changeDirectory(asked.options['directory'])
    const context = makeContext({
      argv,
      json: asked.options['json'] === true,
      dryRun: asked.options['dryRun'] === true,
      waitMs: typeof asked.options['wait'] === 'string' ? durationOption(asked.options['wait'], '--wait') : 0,
      signal: stop.signal,
    })
    if (!asked.command.load) return usage(new UserError(`${asked.path} needs a subcommand`, '', []), wantsJson)
    const { run } = await asked.command.load()
    const report = await run(context, asked.args, asked.options as Options)
    print(report, asked.path, context.json)
    return report.exit
  } catch (error) {
    return await fail(error, wantsJson, argv)
  }
}

function parse(argv: readonly string[]): Asked | ExitCode {
  const wanted: Asked[] = []
  try {
    buildParser(commands, version, (chosen) => wanted.push(chosen)).parse([...argv], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return EXIT.done
    return usage(usageError(error.message, argv, commands), argv.includes('--json'))
  }
  return wanted[0] ?? EXIT.done
}

function usage(error: UserError, json: boolean): ExitCode {
  if (json) process.stdout.write(`${errorDocument(error, EXIT.usage)}\n`)
  else process.stderr.write(`${errorLines(error).join('\n')}\n`)
  return EXIT.usage
}

function changeDirectory(path: string): void {
  try {
    process.chdir(path)
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    throw new UserError(`Can't start in ${path}`, missing ? 'there is no such folder' : messageOf(error), [
      'Name a folder that exists with -C.',
    ])
  }
}

function print(report: Report, path: string, json: boolean): void {
  if (json) process.stdout.write(`${jsonDocument(path === '' ? 'status' : path, report)}\n`)
  else if (report.lines.length > 0) process.stdout.write(`${report.lines.join('\n')}\n`)
}

async function fail(error: unknown, json: boolean, argv: readonly string[]): Promise<ExitCode> {
  const shown =
    error instanceof UserError
      ? error
      : error instanceof StepFailed
        ? new UserError(error.message, error.output.at(-1) ?? '', [])
        : await reportCrash(error, argv)
  const exit = error instanceof UserError ? error.exit : error instanceof StepFailed ? EXIT.notPutBack : EXIT.bug
  if (json) process.stdout.write(`${errorDocument(shown, exit)}\n`)
  else process.stderr.write(`${errorLines(shown).join('\n')}\n`)
  return exit
}
