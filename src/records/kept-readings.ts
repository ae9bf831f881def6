import type { Stats } from 'node:fs'

/** How values are written down and built again. */
export type Shape<T> = { write(value: T, path: string): unknown; read(written: unknown, path: string): T }

/** A reading as it is written down, and how every file stood that it was made from ('' for the file itself). */
export type Reading = { path: string; written: unknown; looked: string[]; stamps: number[] }

export type KeptReadings = {
  size: number
  /** Where the reading of a file stands; -1 when there is none. */
  placeOf(path: string): number
  /** Whether everything the reading was made from stands as it did. */
  holds(place: number, statOf: (path: string) => Stats | undefined): boolean
  written(place: number): unknown
  reading(place: number): Reading
}

/** Many readings, column by column: thousands of small objects would take longer to read than the files themselves. */
type Columns = { paths: string[]; written: unknown[]; looked: (0 | string[])[]; stamps: string }

/** Numbers of one stamp: size, times, inode number and mode; a size of -1 where nothing stood. */
const WIDTH = 5
const ABSENT: readonly number[] = [-1, 0, 0, 0, 0]
/** Most readings look at their file alone. */
const SELF = ['']

/** What changes when a file does: bytes, times in ms, inode and mode; the same for all that is missing. */
export function stampOf(stat: Stats | undefined): readonly number[] {
  return stat === undefined ? ABSENT : [stat.size, stat.mtimeMs, stat.ctimeMs, stat.ino, stat.mode]
}

/** Readings as they are written down. */
export function columnsOf(readings: readonly Reading[]): Columns {
  const stamps = Float64Array.from(readings.flatMap((one) => one.stamps))
  return {
    paths: readings.map(({ path }) => path),
    written: readings.map(({ written }) => written),
    looked: readings.map(({ looked }) => (looked.length === 1 && looked[0] === '' ? 0 : looked)),
    stamps: Buffer.from(stamps.buffer).toString('base64'),
  }
}

/** Readings that were written down; none where it is anything else. */
export function keptReadings(value: unknown): KeptReadings {
  const columns = asColumns(value)
  const starts = new Int32Array(columns.paths.length + 1)
  for (let place = 0; place < columns.paths.length; place += 1)
    starts[place + 1] = (starts[place] ?? 0) + WIDTH * (columns.looked[place] || SELF).length
  const stamps = new Float64Array(starts.at(-1) ?? 0)
  const bytes = Buffer.from(stamps.buffer).write(columns.stamps, 'base64')
  const whole = bytes === stamps.byteLength && columns.stamps.length === 4 * Math.ceil(bytes / 3)
  return whole ? opened(columns, stamps, starts) : keptReadings(NONE)
}

function opened({ paths, written, looked }: Columns, stamps: Float64Array, starts: Int32Array): KeptReadings {
  let places: Map<string, number> | null = null
  let next = 0
  return {
    size: paths.length,
    placeOf(path) {
      // Mostly they are asked for in the order in which they were written down; then no map of thousands is made.
      if (paths[next] !== path) {
        places ??= new Map(paths.map((one, place) => [one, place]))
        next = places.get(path) ?? -1
      }
      next += 1
      return next - 1
    },
    holds(place, statOf) {
      let start = starts[place] ?? 0
      for (const one of looked[place] || SELF) {
        if (!stands(stamps, start, statOf(one || (paths[place] ?? '')))) return false
        start += WIDTH
      }
      return true
    },
    written: (place) => written[place],
    reading: (place) => ({
      path: paths[place] ?? '',
      written: written[place],
      looked: looked[place] || SELF,
      stamps: [...stamps.subarray(starts[place], starts[place + 1])],
    }),
  }
}

/** Compared number by number: thousands of files are looked at, and a text of each stamp would take longer than the look. */
function stands(stamps: Float64Array, start: number, stat: Stats | undefined): boolean {
  if (stat === undefined) return stamps[start] === -1
  if (stat.size !== stamps[start] || stat.mtimeMs !== stamps[start + 1]) return false
  return stat.ctimeMs === stamps[start + 2] && stat.ino === stamps[start + 3] && stat.mode === stamps[start + 4]
}

const NONE: Columns = { paths: [], written: [], looked: [], stamps: '' }

function asColumns(value: unknown): Columns {
  const { paths, written, looked, stamps } = (value ?? {}) as Partial<Columns>
  if (!Array.isArray(paths) || !Array.isArray(written) || !Array.isArray(looked) || typeof stamps !== 'string')
    return NONE
  const whole = paths.length === written.length && paths.length === looked.length
  return whole && looked.every((one) => one === 0 || Array.isArray(one)) ? { paths, written, looked, stamps } : NONE
}
