import { join } from 'node:path'
import { EXIT, UserError } from '../core/failure.ts'
import { readText, writeNew } from '../world/files.ts'
import type { Report } from './command.ts'
import type { Context } from './context.ts'

/** A file that `init` writes besides its configuration; `path` is relative to the root, or absolute. */
export type InitFile = { path: string; text: string; mode: number }

/** Writes what is not there yet, `next` said behind it. Something else of that name is left as it is, and nothing is written then. */
export async function writeInitFiles(
  context: Context,
  root: string,
  files: readonly InitFile[],
  next: readonly string[],
): Promise<Report> {
  const at = (path: string) => (path.startsWith('/') ? path : join(root, path))
  const missing: InitFile[] = []
  for (const file of files) {
    const there = await readText(at(file.path))
    if (there === null) missing.push(file)
    else if (there !== file.text) throw another(file.path)
  }
  const data = { files: files.map(({ path, text }) => ({ path: at(path), text })) }
  if (context.dryRun) {
    const lines = files.flatMap(({ path, text }) => [`Would write ${path}:`, '', ...text.trimEnd().split('\n'), ''])
    return { exit: EXIT.done, data: { ...data, dryRun: true, written: [] }, lines: [...lines, 'Nothing has changed.'] }
  }
  for (const { path, text, mode } of missing) if (!(await writeNew(at(path), text, { mode }))) throw another(path)
  const written = missing.map(({ path }) => path)
  const says = files.map(({ path }) =>
    written.includes(path) ? `Wrote ${path}.` : `${path} is there already, as it should be.`,
  )
  return { exit: EXIT.done, data: { ...data, written }, lines: [...says, ...next] }
}

function another(path: string): UserError {
  return new UserError(`${path} is there already and says something else`, 'init never overwrites it', [
    'Move it away and run it again, or add to it by hand: --dry-run shows what it would say.',
  ])
}
