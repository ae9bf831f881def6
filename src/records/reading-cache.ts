import { lstatSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { codeOf } from '../world/files.ts'
import { readCacheFile, writeCacheFile } from './cache-file.ts'
import { columnsOf, keptReadings, stampOf } from './kept-readings.ts'
import type { Reading, Shape } from './kept-readings.ts'

/** What a reader looks with: whatever it asked about is looked at again before its answer is believed again. */
export type Look = (path: string) => Stats | undefined

/** Readings of one kind of file. Paths are relative to the project's root, or absolute. */
export type ReadingCache<T> = {
  /** What was made of a file last time, while everything that was looked at is as it was. What cannot be looked at is not kept. */
  kept(path: string): T | undefined
  /** What `how` makes of a file where nothing is kept. What throws is not kept. */
  read(path: string, how: (look: Look) => T | Promise<T>): T | Promise<T>
  /** Writes down what was read this time. The next look reads again whatever was not asked for in this one. */
  save(): Promise<void>
}

/** Raised whenever readings are written down in another way. */
const FORMAT = '3'

/** Younger than this (ms), a file may change again without its times showing it: clocks of file systems tick slowly. */
const SETTLED_MS = 2_000
/** Writing costs about what reading a hundredth of the files does. */
const WORTH_WRITING = 100

/** Sizes of files that were looked at, by their whole path: who counts bytes afterwards needs no look of their own. */
export type Sizes = Map<string, number>

/** The version of what is kept, how it is written down where that is not as it is, and where sizes are noted. */
export type Kept<T> = { learnt: string; shape?: Shape<T>; sizes?: Sizes | undefined }

/**
 * Opens the readings kept as `.knowngood/cache/<name>.json`, which may be deleted at any time. A stamp is size, times
 * and number; `learnt` is raised whenever a reader learns more, so that what an older one read is read again.
 */
export async function openReadingCache<T>(
  root: string,
  name: string,
  { learnt, shape = asItIs<T>(), sizes }: Kept<T>,
  began = Date.now(),
): Promise<ReadingCache<T>> {
  const version = `${FORMAT} ${learnt}`
  const before = keptReadings(readCacheFile(root, name, version))
  // In the order in which they were asked for: places of kept ones, and those that were read.
  const asked: (number | Reading)[] = []
  let fresh = 0
  const stat = (path: string) => {
    const whole = path.startsWith('/') ? path : `${root}/${path}`
    const seen = statOf(whole)
    if (seen?.isFile() === true) sizes?.set(whole, seen.size)
    return seen
  }
  const learn = (path: string, value: T, reading: Omit<Reading, 'path' | 'written'>, settled: boolean): T => {
    if (settled) {
      asked.push({ path, written: shape.write(value, path), ...reading })
      fresh += 1
    }
    return value
  }
  const kept = (path: string): T | undefined => {
    const place = before.placeOf(path)
    try {
      if (place < 0 || !before.holds(place, stat)) return undefined
    } catch {
      return undefined
    }
    asked.push(place)
    return shape.read(before.written(place), path)
  }
  return {
    kept,
    read(path, how) {
      const looked: string[] = []
      const stamps: number[] = []
      let settled = true
      const look: Look = (one) => {
        const seen = stat(one)
        looked.push(one === path ? '' : one)
        stamps.push(...stampOf(seen))
        if (seen !== undefined && seen.ctimeMs > began - SETTLED_MS) settled = false
        return seen
      }
      const value = how(look)
      return value instanceof Promise
        ? value.then((late) => learn(path, late, { looked, stamps }, settled))
        : learn(path, value, { looked, stamps }, settled)
    },
    async save() {
      const changes = fresh + Math.max(0, before.size - (asked.length - fresh))
      if (changes === 0 || changes * WORTH_WRITING < before.size) return
      const readings = asked.map((one) => (typeof one === 'number' ? before.reading(one) : one))
      await writeCacheFile(root, name, version, columnsOf(readings))
    },
  }
}

function asItIs<T>(): Shape<T> {
  return { write: (value) => value, read: (written) => written as T }
}

const QUIETLY = { throwIfNoEntry: false } as const

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, QUIETLY)
  } catch (error) {
    // Something that is no folder stands in the way.
    if (codeOf(error) === 'ENOTDIR') return undefined
    throw error
  }
}
