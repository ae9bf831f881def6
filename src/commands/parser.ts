import { Argument, Command as Parser, Option } from 'commander'
import { EXIT, type ExitCode } from '../core/failure.ts'
import type { Command } from './command.ts'

/** What the command line asked for, before anything is loaded. */
export type Asked = { command: Command; path: string; args: string[]; options: Record<string, unknown> }

const meanings: Record<ExitCode, string> = {
  0: 'done, also when it was already so',
  1: 'a bug in Knowngood',
  2: 'usage or configuration',
  3: 'held: a condition does not hold, nothing was changed',
  4: 'failed, and put back as it was',
  5: 'failed, and not put back',
  6: 'locked by somebody',
  7: 'live verification failed, and the bad release stays',
  129: 'stopped: the terminal went away',
  130: 'stopped by Ctrl-C',
  143: 'stopped by SIGTERM',
}

/** Every exit code with its meaning, for help and the reference. */
export function exitMeanings(): { code: ExitCode; means: string }[] {
  return Object.values(EXIT).map((code) => ({ code, means: meanings[code] }))
}

/** The parser for a table of commands; `chosen` is told what was asked for. Nothing runs while parsing. */
export function buildParser(table: readonly Command[], version: string, chosen: (asked: Asked) => void): Parser {
  const root = new Parser('knowngood')
    .description('What is live, can we get back, may we ship? Backup, gate, deploy, verify, rollback.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help; never does anything else')
    .addHelpCommand(false)
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({ writeErr: () => {} })
  for (const command of table) add(root, command, '', chosen)
  root.addHelpText('after', '\nWithout a command: the dashboard in a terminal, else the same as status.')
  root.action(() => {
    const fallback = table.find((command) => command.name === 'dashboard')
    if (fallback) chosen({ command: fallback, path: '', args: [], options: root.opts() })
  })
  shared(root)
  return root
}

function add(parent: Parser, command: Command, prefix: string, chosen: (asked: Asked) => void): void {
  const path = prefix === '' ? command.name : `${prefix} ${command.name}`
  const own = parent.command(command.name, command.hidden ? { hidden: true } : {})
  own.summary(command.summary).description([command.summary, command.about ?? ''].filter(Boolean).join('\n\n'))
  own.helpOption('-h, --help', 'show help; never does anything else').addHelpCommand(false)
  for (const sub of command.sub ?? []) add(own, sub, path, chosen)
  for (const each of command.args?.split(' ') ?? []) {
    const argument = new Argument(each)
    if (command.argChoices) argument.choices([...command.argChoices])
    own.addArgument(argument)
  }
  for (const flag of command.flags) {
    const option = new Option(flag.flags, flag.says)
    if (flag.choices) option.choices([...flag.choices])
    if (flag.preset !== undefined) option.default(flag.preset)
    if (flag.repeat) option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value])
    own.addOption(option)
  }
  shared(own)
  const exits = exitMeanings().filter(
    ({ code }) => code < EXIT.held || code > EXIT.liveWrong || command.exits.includes(code),
  )
  own.addHelpText(
    'after',
    [
      ...(command.examples.length > 0 ? ['', 'Examples:', ...command.examples.map((line) => `  $ ${line}`)] : []),
      '',
      'Exit codes:',
      ...exits.map(({ code, means }) => `  ${String(code).padStart(3)}  ${means}`),
    ].join('\n'),
  )
  own.action((...given: unknown[]) => {
    const args = given
      .slice(0, -2)
      .flat()
      .filter((value): value is string => typeof value === 'string')
    chosen({ command, path, args, options: own.optsWithGlobals() })
  })
}

function shared(parser: Parser): void {
  parser
    .option('--json', 'one JSON document on stdout; progress stays on stderr')
    .option('-n, --dry-run', 'print the exact plan and change nothing')
    .option('--wait <duration>', 'wait this long for a held lock, such as 10m')
    .option('-C, --directory <path>', 'act as if started there')
}
