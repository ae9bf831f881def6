import type { Options, Report } from './commands/command.ts'
import { durationOption, makeContext } from './commands/context.ts'
import { run as dashboard } from './commands/dashboard.ts'
import type { Asked } from './commands/parser.ts'
import { startedIn } from './commands/started-in.ts'
import { EXIT, type ExitCode, messageOf, StepFailed, UserError } from './core/failure.ts'
import { errorDocument, errorLines, jsonDocument, reportLines } from './report/document.ts'

/** Runs one command line and answers with its exit code. Never throws. */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  const wantsJson = argv.includes('--json')
  const asked = await parse(argv)
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
    if (!asked.load) return usage(new UserError(`${asked.path} needs a subcommand`, '', []), wantsJson)
    const { run } = await asked.load()
    const report = await run(context, asked.args, asked.options as Options)
    print(report, asked.path, context.json)
    return report.exit
  } catch (error) {
    return await fail(error, wantsJson, argv)
  }
}

/** What was asked for, or the exit code of what is answered already. */
async function parse(argv: readonly string[]): Promise<Wanted | ExitCode> {
  // Nothing to parse: the first screen waits for no parser.
  if (argv.length === 0) return { path: '', args: [], options: {}, load: async () => ({ run: dashboard }) }
  const { bareVerb } = await import('./commands/bare.ts')
  const bare = bareVerb(argv)
  if (bare !== null)
    return { path: bare.name, args: [], options: argv.includes('--json') ? { json: true } : {}, load: bare.load }
  const { parseArguments } = await import('./commands/parse.ts')
  const asked = parseArguments(argv)
  if (asked instanceof UserError) return usage(asked, argv.includes('--json'))
  return typeof asked === 'number' ? asked : { ...asked, load: asked.command.load }
}

type Wanted = Pick<Asked, 'path' | 'args' | 'options'> & { load: Asked['command']['load'] | undefined }

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
  else if (report.lines.length > 0) process.stdout.write(`${reportLines(report).join('\n')}\n`)
}

async function fail(error: unknown, json: boolean, argv: readonly string[]): Promise<ExitCode> {
  const { shown, exit } = await told(error, argv)
  if (json) process.stdout.write(`${errorDocument(shown, exit)}\n`)
  else process.stderr.write(`${errorLines(shown).join('\n')}\n`)
  return exit
}

async function told(error: unknown, argv: readonly string[]): Promise<{ shown: UserError; exit: ExitCode }> {
  if (error instanceof UserError) {
    const shown =
      error.exit === EXIT.usage ? await (await import('./commands/way-out.ts')).withWayOut(error, startedIn) : error
    return { shown, exit: shown.exit }
  }
  const outside = (await import('./report/outside.ts')).outsideFailure(error)
  if (outside !== null) return { shown: outside, exit: outside.exit }
  if (error instanceof StepFailed)
    return { shown: new UserError(error.message, error.output.at(-1) ?? '', []), exit: EXIT.notPutBack }
  return { shown: await (await import('./report/crash.ts')).reportCrash(error, argv), exit: EXIT.bug }
}
