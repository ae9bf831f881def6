import { CommanderError } from 'commander'
import { describe, expect, it } from 'vitest'
import { buildParser } from '../../src/commands/parser.ts'
import { commands } from '../../src/commands/table.ts'
import { usageError } from '../../src/commands/usage.ts'

/** What the operator reads when the command line is not understood. */
function said(...argv: string[]): string {
  try {
    buildParser(commands, '0.0.0', () => undefined).parse(argv, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return usageError(error.message, argv, commands).message
    throw error
  }
  return 'understood'
}

describe('a command line that is not understood', () => {
  it.each([
    [['bakup'], 'There is no command bakup: did you mean backup?'],
    [['__rnu'], 'There is no command __rnu'],
    [['-C', '.', 'dpeloy', '--yes'], 'There is no command dpeloy: did you mean deploy?'],
    [['backup', 'prod'], 'There is no kind prod: there is quick, full, site, release, bundle, data, dump, set'],
    [['gate', 'confrim'], 'gate takes nothing called confrim: did you mean gate confirm?'],
    [['deploy', 'now'], 'deploy takes nothing called now'],
    [['backup', 'quick', 'extra', 'more'], 'backup takes nothing called extra, more'],
    [['status', '--ofline'], 'status has no option --ofline: did you mean --offline?'],
    [['show'], 'show needs an id'],
    [['gate', 'confirm'], 'gate confirm needs an id'],
    [['gate', 'waive', 'chat', '--resaon', 'x'], 'gate waive has no option --resaon: did you mean --reason?'],
    [['backup'], 'backup needs a kind'],
    [['deploy', '--wait'], '--wait needs a duration'],
    [['--bogus'], 'knowngood has no option --bogus'],
    [['status', '--json'], 'understood'],
  ])('%j: %s', (argv, says) => {
    expect(said(...argv)).toBe(says)
  })
})

it('points to the help of the command that was meant', () => {
  const { next } = usageError("error: missing required argument 'kind'", ['backup'], commands)
  expect(next).toEqual(['knowngood backup --help says what it takes.'])
})
