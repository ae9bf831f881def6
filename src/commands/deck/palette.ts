import type { Context } from '../context.ts'
import type { Command } from '../command.ts'
import { commands } from '../table.ts'

type Entry = { name: string; does: string; off: string | null }

/** Verbs for the palette: those that only read can run there; the others say which key or line runs them. */
export function paletteCommands(): Entry[] {
  return flat(commands, '')
    .filter(({ name }) => !['dashboard', 'demo', 'attach', 'completion'].includes(name))
    .map(({ name, command }) => ({
      name,
      does: command.summary,
      off:
        command.reads && !command.args?.startsWith('<')
          ? null
          : `changes something or needs a name: run knowngood ${name} in a shell`,
    }))
}

/** Runs a reading verb as the command line would and gives its lines. */
export async function readVerb(line: string, context: Context): Promise<string[]> {
  const entry = flat(commands, '').find(({ name }) => name === line)
  if (!entry?.command.load || !entry.command.reads) return [`${line} cannot run here.`]
  const { run } = await entry.command.load()
  return [...(await run(context, [], {})).lines]
}

function flat(list: readonly Command[], prefix: string): { name: string; command: Command }[] {
  return list.flatMap((command) => {
    if (command.hidden) return []
    const name = prefix === '' ? command.name : `${prefix} ${command.name}`
    return [{ name, command }, ...flat(command.sub ?? [], name)]
  })
}
