import { open, readlink } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { isDatabase } from '../archive/databases.ts'
import { isSecret } from '../archive/secret-files.ts'
import { leadsOut, treeEntries, type TreeRequest } from '../archive/tree.ts'
import { shellWord } from '../core/shell.ts'

/** What in a tree no archive of it takes as it is. Paths are relative to the root. */
export type Look = {
  /** Files that hold secret values. */
  secret: string[]
  /** Links that lead out of the tree. */
  links: { path: string; target: string }[]
  /** SQLite databases with a write-ahead log that holds something: copied file by file they may not fit together. */
  live: string[]
}

/** One walk through everything that would be packed. */
export async function lookThrough(request: Omit<TreeRequest, 'to'>): Promise<Look> {
  const { root } = request
  const found: Look = { secret: [], links: [], live: [] }
  for await (const { path, facts } of treeEntries({ ...request, to: root }, root)) {
    const shown = path.toString('utf8')
    if (facts.kind === 'link') {
      const target = await readlink(join(root, shown)).catch(() => '')
      if (target !== '' && leadsOut(shown, target)) found.links.push({ path: shown, target })
    } else if (facts.kind === 'file') {
      if (await isSecret(root, shown)) found.secret.push(shown)
      const log = facts.size > 0 ? /^(.+)-wal$/.exec(shown)?.[1] : undefined
      if (log !== undefined && (await beginsLikeOne(join(root, log)))) found.live.push(log)
    }
  }
  return found
}

/** Everything of a link that leads out is where it leads to; with that it can be made again. */
export function linkLeftOut({ path, target }: Look['links'][number]): string {
  return `${path}: a link that leads out of the tree; made again by: ln -s ${shellWord(target)} ${shellWord(path)}`
}

/** What to do about a database that was copied while it was written. */
export function liveDoubt(path: string): string {
  const name = posix.basename(path).replace(/\.[^.]+$/, '')
  return `${path}: a live SQLite database, copied file by file; keep it whole by sources.${name}: { use: sqlite, path: ${path} }, or leave it out by backups.site.exclude: ['/${path}*']`
}

async function beginsLikeOne(file: string): Promise<boolean> {
  const handle = await open(file, 'r').catch(() => null)
  if (handle === null) return false
  try {
    const head = Buffer.alloc(16)
    await handle.read(head, 0, head.length, 0)
    return isDatabase(head)
  } finally {
    await handle.close()
  }
}
