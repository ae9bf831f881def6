import { resolve } from 'node:path'
import { closest } from '../config/suggest.ts'
import { EXIT, messageOf, UserError } from '../core/failure.ts'
import { writeWhole } from '../world/files.ts'
import { textOption, type Command, type RunCommand } from './command.ts'
import { guides } from './docs/guides.ts'
import { commandsText, exitCodesText, keysText, type KeyRow } from './docs/reference.ts'

type Topic = { topic: string; about: string; text(): Promise<string> }

/** Every topic for these tables: runbooks written by hand, references made from what the program itself uses. */
export function docsTopics(table: readonly Command[], keys: readonly KeyRow[]): readonly Topic[] {
  const made: Topic[] = [
    { topic: 'configuration', about: 'knowngood.yaml, every key', text: configuration },
    { topic: 'commands', about: 'every command and flag', text: async () => commandsText(table) },
    { topic: 'keys', about: 'every key of the screens', text: async () => keysText(keys) },
    { topic: 'exit-codes', about: 'what each exit code means', text: async () => exitCodesText() },
  ]
  return [...guides.map(({ topic, about, text }) => ({ topic, about, text: async () => text })), ...made]
}

/** `knowngood docs [TOPIC] [--write PATH]`: one topic; without one the list, or everything into the file. */
export const run: RunCommand = async (context, args, options) => {
  const [{ commands }, { bindings }] = await Promise.all([import('./table.ts'), import('../tui/keys.ts')])
  const topics = docsTopics(commands, bindings)
  const wanted = args[0]
  const path = textOption(options, 'write')
  if (wanted === undefined && path === null) {
    const rows = topics.map(({ topic, about }) => ({ topic, about }))
    const lines = [
      'Topics',
      ...rows.map(({ topic, about }) => `  ${topic.padEnd(16)}  ${about}`),
      '',
      'knowngood docs TOPIC prints one; --write PATH writes a file.',
    ]
    return { exit: EXIT.done, data: { topics: rows }, lines }
  }
  const text = await textOf(topics, wanted)
  const data = { topic: wanted ?? null, text }
  if (path === null) return { exit: EXIT.done, data, lines: text.trimEnd().split('\n') }
  const file = resolve(context.cwd, path)
  if (context.dryRun)
    return { exit: EXIT.done, data: { ...data, dryRun: true, written: [] }, lines: [`Would write ${file}.`] }
  await writeWhole(file, text, { mode: 0o644 }).catch((error: unknown) => {
    throw new UserError(`${file} was not written`, messageOf(error), ['Name a file in a folder you may write to.'])
  })
  return { exit: EXIT.done, data: { ...data, written: [file] }, lines: [`Wrote ${file}.`] }
}

async function textOf(topics: readonly Topic[], wanted: string | undefined): Promise<string> {
  if (wanted === undefined) return (await Promise.all(topics.map(whole))).join('\n')
  const topic = topics.find((one) => one.topic === wanted)
  if (topic !== undefined) return await topic.text()
  const names = topics.map((one) => one.topic)
  const near = closest(wanted, names)
  throw new UserError(`There is no topic ${wanted}`, near === null ? '' : `did you mean ${near}?`, [
    `Topics: ${names.join(', ')}`,
  ])
}

/** The configuration is YAML that can be written to a file as it is; among the other topics it is fenced. */
async function whole(one: Topic): Promise<string> {
  const body = await one.text()
  return one.topic === 'configuration' ? ['# Configuration', '', '```yaml', body.trimEnd(), '```', ''].join('\n') : body
}

async function configuration(): Promise<string> {
  const { configurationReference } = await import('../config/reference.ts')
  return [...configurationReference(), ''].join('\n')
}
