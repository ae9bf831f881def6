import type { Context } from '../context.ts'
import type { Command } from '../command.ts'
import { commands } from '../table.ts'

type Entry = { name: string; does: string; off: string | null }

/** What a verb that acts does without acting: as it is called bare, or with a flag. */
const MORE: readonly Entry[] = [
  { name: 'mirror', does: 'how far behind the off-site copies are', off: null },
  {
    name: 'emergency --rehearse',
    does: 'break glass into a scratch place, measured',
    off: 'run it in a shell: knowngood emergency --rehearse',
  },
]

/** Verbs for the palette: those that only read can run there; the others say which key or line runs them. */
export function paletteCommands(): Entry[] {
  const verbs = flat(commands, '')
    .filter(({ name }) => !['dashboard', 'demo', 'attach', 'completion', 'mirror'].includes(name))
    .map(({ name, command }) => ({
      name,
      does: command.summary,
      off: command.reads && !command.args?.startsWith('<') ? null : `run it in a shell: knowngood ${name}`,
    }))
  return [...verbs, ...MORE]
}

/** Runs a reading verb as the command line would and gives its lines. */
export async function readVerb(line: string, context: Context): Promise<string[]> {
  const entry = flat(commands, '').find(({ name }) => name === line)
  const readable = entry?.command.reads === true || MORE.some(({ name, off }) => name === line && off === null)
  if (!entry?.command.load || !readable) return [`${line} cannot run here.`]
  const { run } = await entry.command.load()
  // Looking from the palette tells nobody outside.
  return [...(await run({ ...context, dryRun: true }, [], {})).lines]
}

function flat(list: readonly Command[], prefix: string): { name: string; command: Command }[] {
  return list.flatMap((command) => {
    if (command.hidden) return []
    const name = prefix === '' ? command.name : `${prefix} ${command.name}`
    return [{ name, command }, ...flat(command.sub ?? [], name)]
  })
}
