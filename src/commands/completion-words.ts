import type { Command } from './command.ts'

/** What may follow a command: its subcommands, the values of its argument, its flags. `path` is "" for the program itself. */
export type Words = { path: string; offers: { word: string; says: string }[] }

const EVERYWHERE = [
  { word: '--json', says: 'one JSON document on stdout' },
  { word: '--dry-run', says: 'print the plan and change nothing' },
  { word: '--wait', says: 'wait this long for a held lock' },
  { word: '--directory', says: 'act as if started there' },
  { word: '--help', says: 'show help' },
]

/** The words of every place in a table of commands, hidden ones left out. */
export function completionWords(table: readonly Command[]): Words[] {
  const shown = table.filter((command) => !command.hidden)
  return [
    { path: '', offers: [...shown.map(nameOf), ...EVERYWHERE, { word: '--version', says: 'print the version' }] },
    ...shown.flatMap((one) => wordsOf(one, '')),
  ]
}

function wordsOf(command: Command, above: string): Words[] {
  const path = above === '' ? command.name : `${above} ${command.name}`
  const flags = command.flags.flatMap(({ flags: spelt, says }) => {
    const word = /--[a-z-]+/.exec(spelt)?.[0]
    return word === undefined ? [] : [{ word, says }]
  })
  const choices = (command.argChoices ?? []).map((word) => ({ word, says: '' }))
  const own = { path, offers: [...(command.sub ?? []).map(nameOf), ...choices, ...flags, ...EVERYWHERE] }
  return [own, ...(command.sub ?? []).flatMap((one) => wordsOf(one, path))]
}

function nameOf(command: Command): { word: string; says: string } {
  return { word: command.name, says: command.summary }
}
