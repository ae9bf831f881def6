import type { Command } from './command.ts'

/** A word that may be written. A flag that `takes` something is followed by a file, or by one of those words if there are any. */
export type Offer = { word: string; says: string; takes?: 'file' | readonly string[] }

/**
 * What may follow a command: its subcommands, the values of its argument, its flags. `path` is "" for the program itself;
 * `files` says that its argument is one.
 */
export type Words = { path: string; offers: Offer[]; files: boolean }

const EVERYWHERE: readonly Offer[] = [
  { word: '--json', says: 'one JSON document on stdout' },
  { word: '--dry-run', says: 'print the plan and change nothing' },
  { word: '--wait', says: 'wait this long for a held lock', takes: [] },
  { word: '--directory', says: 'act as if started there', takes: 'file' },
  { word: '--help', says: 'show help' },
]

/** The words of every place in a table of commands, hidden ones left out. */
export function completionWords(table: readonly Command[]): Words[] {
  const shown = table.filter((command) => !command.hidden)
  return [
    {
      path: '',
      offers: [...shown.map(nameOf), ...EVERYWHERE, { word: '--version', says: 'print the version' }],
      files: false,
    },
    ...shown.flatMap((one) => wordsOf(one, '')),
  ]
}

function wordsOf(command: Command, above: string): Words[] {
  const path = above === '' ? command.name : `${above} ${command.name}`
  const flags = command.flags.flatMap(({ flags: spelt, says, choices }) => {
    const word = /--[a-z-]+/.exec(spelt)?.[0]
    return word === undefined ? [] : [{ word, says, ...taken(spelt, choices) }]
  })
  const words = (command.argChoices ?? []).map((word) => ({ word, says: '' }))
  const own = {
    path,
    offers: [...(command.sub ?? []).map(nameOf), ...words, ...flags, ...EVERYWHERE],
    files: isFile(command.args ?? ''),
  }
  return [own, ...(command.sub ?? []).flatMap((one) => wordsOf(one, path))]
}

function taken(spelt: string, choices: readonly string[] = []): Pick<Offer, 'takes'> {
  if (!spelt.includes('<')) return {}
  return { takes: isFile(spelt) ? 'file' : choices }
}

/** Whether what stands in brackets is the name of a file or a folder. */
const isFile = (spelt: string): boolean => /[<[](?:path|place|script)\b/.test(spelt)

function nameOf(command: Command): { word: string; says: string } {
  return { word: command.name, says: command.summary }
}
