import { join } from 'node:path'
import { EXIT, UserError } from '../core/failure.ts'
import { clean, cleanLines } from '../core/text.ts'
import { table } from '../report/table.ts'
import { readText } from '../world/files.ts'
import type { RunCommand } from './command.ts'

/** `knowngood log [FILE]`: the index of deploy logs, or one of them. */
export const run: RunCommand = async (context, [file]) => {
  const project = await context.project()
  const facts = await context.facts({ only: ['logs'] })
  const logs = facts.logs.ok ? facts.logs.value : []
  if (file === undefined) {
    const lines = table(
      logs.map((log) => [
        log.date,
        log.file,
        log.tag ?? '',
        log.commit?.slice(0, 7) ?? '',
        log.outcome ?? '',
        log.operator ?? '',
      ]),
    )
    return { exit: EXIT.done, data: { logs: logs }, lines: lines.length > 0 ? lines : ['Nothing released yet.'] }
  }
  const entry = logs.find((log) => log.file === file)
  const text = entry ? await readText(join(project.root, project.logs.dir, entry.file)) : null
  if (!entry || text === null)
    throw new UserError(`There is no deploy log ${clean(file)}`, `looked in ${project.logs.dir}`, [
      'knowngood log lists them.',
    ])
  return { exit: EXIT.done, data: { log: entry, text }, lines: cleanLines(text) }
}
