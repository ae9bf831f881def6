import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readCacheFile, writeCacheFile } from '../records/cache-file.ts'
import type { Git } from '../world/git.ts'

/** Which commits were asked for (ids with spaces between), which of them were gone, and how the objects stood then. */
type Kept = { objects: string; asked: string; gone: string[] }

const CACHE = 'commits'
const VERSION = '1'
/** Younger than this (ms), a folder may change again without its time showing it. */
const SETTLED_MS = 2_000

/** Those of these commits that this clone does not have. Git is asked only when its objects are not as they were. */
export async function commitsGone(git: Git, commits: ReadonlySet<string>, began = Date.now()): Promise<Set<string>> {
  const ids = [...commits].filter((commit) => /^[0-9a-f]{7,64}$/.test(commit))
  if (ids.length === 0) return new Set()
  const asked = ids.join(' ')
  const objects = objectsOf(git.root, began - SETTLED_MS)
  const kept = objects === null ? null : (readCacheFile(git.root, CACHE, VERSION) as Partial<Kept> | null)
  if (kept?.objects === objects && kept?.asked === asked && Array.isArray(kept.gone)) return new Set(kept.gone)
  const input = ids.map((id) => `${id}\n`).join('')
  const lines = (await git.raw(['cat-file', '--batch-check=%(objecttype)'], { input })).split('\n')
  // A tag leads to its commit; whatever else goes by that id is nothing to return to.
  const gone = ids.filter((_, index) => lines[index] !== 'commit' && lines[index] !== 'tag')
  if (objects !== null) await writeCacheFile(git.root, CACHE, VERSION, { objects, asked, gone } satisfies Kept)
  return new Set(gone)
}

/**
 * The folders that hold the clone's objects, with when something was last put into each or taken from it. Null where that
 * does not tell: in a worktree, with objects borrowed from elsewhere, or when a folder changed since `settled`.
 */
function objectsOf(root: string, settled: number): string | null {
  const folder = join(root, '.git', 'objects')
  try {
    const stamps: string[] = []
    for (const name of ['.', ...readdirSync(folder).toSorted()]) {
      if (name === 'info' && lstatSync(join(folder, 'info/alternates'), { throwIfNoEntry: false })) return null
      const { ctimeMs } = lstatSync(join(folder, name))
      if (ctimeMs > settled) return null
      stamps.push(`${name} ${ctimeMs}`)
    }
    return stamps.join('\n')
  } catch {
    return null
  }
}
