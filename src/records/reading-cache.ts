import { lstatSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { codeOf } from '../world/files.ts'
import { readCacheFile, writeCacheFile } from './cache-file.ts'

/** What a reader looks with: whatever it asked about is looked at again before its answer is believed again. */
export type Look = (path: string) => Stats | undefined

/** Readings of one kind of file. Paths are relative to the project's root, or absolute. */
export type ReadingCache<T> = {
  /** What `read` makes of a file; kept from last time while everything it looked at is as it was. What throws is not kept. */
  of(path: string, read: (look: Look) => T | Promise<T>): T | Promise<T>
  /** Writes down what was read this time. The next look reads again whatever was not asked for in this one. */
  save(): Promise<void>
}

/** A path ('' for the file itself) and how it stood: size, times, number and mode; nothing where nothing stood. */
type Seen = [path: string, ...stamp: number[]]
type Kept<T> = [path: string, value: T, seen: Seen[]]

/** Raised whenever readings are written down in another way. */
const FORMAT = '2'

/** Younger than this (ms), a file may change again without its times showing it: clocks of file systems tick slowly. */
const SETTLED_MS = 2_000
/** Writing costs about what reading a hundredth of the files does. */
const WORTH_WRITING = 100

/**
 * Opens the readings kept as `.knowngood/cache/<name>.json`, which may be deleted at any time. A stamp is size, times
 * and number; `learnt` is raised whenever a reader learns more, so that what an older one read is read again.
 */
export async function openReadingCache<T>(
  root: string,
  name: string,
  learnt: string,
  began = Date.now(),
): Promise<ReadingCache<T>> {
  const version = `${FORMAT} ${learnt}`
  const before = await readKept<T>(root, name, version)
  const after: Kept<T>[] = []
  let fresh = 0
  const learn = (path: string, value: T, seen: Seen[], settled: boolean): T => {
    if (settled) {
      after.push([path, value, seen])
      fresh += 1
    }
    return value
  }
  return {
    of(path, read) {
      const kept = before.get(path)
      if (kept?.[2].every((seen) => stands(statOf(root, seen[0] || path), seen)) === true) {
        after.push(kept)
        return kept[1]
      }
      const seen: Seen[] = []
      let settled = true
      const look: Look = (one) => {
        const stat = statOf(root, one)
        seen.push([one === path ? '' : one, ...stampOf(stat)])
        if (stat !== undefined && stat.ctimeMs > began - SETTLED_MS) settled = false
        return stat
      }
      const value = read(look)
      return value instanceof Promise
        ? value.then((read) => learn(path, read, seen, settled))
        : learn(path, value, seen, settled)
    },
    async save() {
      const changes = fresh + Math.max(0, before.size - (after.length - fresh))
      if (changes === 0 || changes * WORTH_WRITING < before.size) return
      await writeCacheFile(root, name, version, after)
    },
  }
}

function statOf(root: string, path: string): Stats | undefined {
  try {
    return lstatSync(path.startsWith('/') ? path : `${root}/${path}`, { throwIfNoEntry: false })
  } catch (error) {
    // Something that is no folder stands in the way.
    if (codeOf(error) === 'ENOTDIR') return undefined
    throw error
  }
}

/** So often (ms) others get a turn while many files are looked at: a key is answered meanwhile. */
const TURN_MS = 10

/** Resolves at once as long as this turn is short, and else in the next one. Made once for a loop. */
export function turnTaker(): () => Promise<void> | undefined {
  let began = performance.now()
  return () => {
    if (performance.now() - began < TURN_MS) return undefined
    return nextTurn().then(() => {
      began = performance.now()
    })
  }
}

function stampOf(stat: Stats | undefined): number[] {
  return stat === undefined ? [] : [stat.size, stat.mtimeMs, stat.ctimeMs, stat.ino, stat.mode]
}

/** Compared number by number: thousands of files are looked at, and a text of each stamp would take longer than the look. */
function stands(stat: Stats | undefined, [, size, modified, changed, inode, mode]: Seen): boolean {
  if (stat === undefined) return size === undefined
  const same = stat.size === size && stat.mtimeMs === modified && stat.ctimeMs === changed
  return same && stat.ino === inode && stat.mode === mode
}

async function readKept<T>(root: string, name: string, version: string): Promise<Map<string, Kept<T>>> {
  const kept = await readCacheFile(root, name, version)
  const known = new Map<string, Kept<T>>()
  if (Array.isArray(kept)) for (const one of kept as Kept<T>[]) known.set(one[0], one)
  return known
}
