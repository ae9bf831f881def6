import { open } from 'node:fs/promises'
import { posix } from 'node:path'
import { isDatabase } from '../archive/databases.ts'
import { excluder } from '../archive/excludes.ts'
import { isSecret } from '../archive/secret-files.ts'
import { linksOut } from '../archive/links-out.ts'
import { joinPath, pathFrom, shownPath, systemPath } from '../archive/tree-path.ts'
import { treeEntries, type TreeRequest } from '../archive/tree.ts'
import { shellWord } from '../core/shell.ts'
import { openGit } from '../world/git.ts'

/** What in a tree no archive of it takes as it is. Paths are relative to the root, as in `tree-path.ts`; those of `live` as a person reads them. */
export type Look = {
  /** Files that hold secret values. */
  secret: string[]
  /** Links that lead out of the tree. */
  links: { path: string; target: string }[]
  /** SQLite databases with a write-ahead log that holds something: copied file by file they may not fit together. */
  live: string[]
  /** What is left to be packed, bytes of content. */
  bytes: number
}

/** One walk through everything that would be packed. */
export async function lookThrough(request: Omit<TreeRequest, 'to'>): Promise<Look> {
  const root = pathFrom(request.root)
  const links = new Map<string, string>()
  const [secret, live]: [string[], string[]] = [[], []]
  let bytes = 0
  for await (const { path, facts, target } of treeEntries({ ...request, to: request.root }, request.root)) {
    if (facts.kind === 'link') {
      links.set(path, target)
    } else if (facts.kind === 'file') {
      if (await isSecret(root, path)) secret.push(path)
      else bytes += facts.size
      const log = facts.size > 0 ? /^(.+)-wal$/s.exec(path)?.[1] : undefined
      if (log !== undefined && (await beginsLikeOne(joinPath(root, log)))) live.push(shownPath(log))
    }
  }
  return { secret, links: linksOut(links).map((path) => ({ path, target: links.get(path) ?? '' })), live, bytes }
}

/**
 * What git tracks and a pattern leaves out, by the topmost folder or file that it names: a release folder may hold the team's
 * own pages. Paths are relative to the root; only what lies below `paths` is looked at.
 */
export async function trackedLeftOut({ root, paths, exclude, signal }: Omit<TreeRequest, 'to'>): Promise<string[]> {
  const said = await openGit(root).raw(
    ['ls-files', '-z', '--', ...(paths ?? ['.']).map((path) => `:(literal)${posix.normalize(path)}`)],
    signal === undefined ? {} : { signal },
  )
  const excluded = excluder(exclude)
  const found = new Map<string, string[]>()
  for (const path of said.split('\0').filter((one) => one !== '')) {
    const parts = path.split('/')
    const at = parts.findIndex((_, index) => excluded(parts.slice(0, index + 1).join('/')))
    if (at === -1) continue
    const top = parts.slice(0, at + 1).join('/')
    const files = found.get(top)
    if (files === undefined) found.set(top, [path])
    else files.push(path)
  }
  return [...found].map(([path, files]) => `${path}: left out by its name, and git tracks ${told(path, files)}`)
}

function told(path: string, [first, ...more]: string[]): string {
  if (first === path) return 'it'
  return more.length === 0 ? '1 file in it' : `${more.length + 1} files in it`
}

/** Everything of a link that leads out is where it leads to; with that it can be made again. */
export function linkLeftOut(link: Look['links'][number]): string {
  const [path, target] = [shownPath(link.path), shownPath(link.target)]
  return `${path}: a link that leads out of the tree; made again by: ln -s ${shellWord(target)} ${shellWord(path)}`
}

/** What to do about a database that was copied while it was written. */
export function liveDoubt(path: string): string {
  const name = posix.basename(path).replace(/\.[^.]+$/, '')
  return `${path}: a live SQLite database, copied file by file; keep it whole by sources.${name}: { use: sqlite, path: ${path} }, or leave it out by backups.site.exclude: ['/${path}*']`
}

async function beginsLikeOne(file: string): Promise<boolean> {
  const handle = await open(systemPath(file), 'r').catch(() => null)
  if (handle === null) return false
  try {
    const head = Buffer.alloc(16)
    await handle.read(head, 0, head.length, 0)
    return isDatabase(head)
  } finally {
    await handle.close()
  }
}
