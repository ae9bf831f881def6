import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Clock } from './clock.ts'
import { DIGEST } from './pack-job.ts'
import type { Payload } from './pack-job.ts'

/**
 * What is remembered of a file in an archive. `key` and `opened` (ms) are what its stat was and when it was opened, `at` is where its
 * packed bytes begin; `content` names its content where that is known otherwise (a git blob).
 */
export type IndexRow = Payload & { key: string; opened: number; at: number; content: string | null }

/**
 * An archive's index: a cache, needed by nothing but the next archive. `archive` is the SHA-256 of the archive it belongs to. `turn` counts the
 * archives made one from the other, `prefix` is that of its names.
 */
export type IndexHead = { archive: string; bytes: number; turn: number; clock: Clock; prefix: string }

/** Rows by path, as bytes, one character each. */
export type ZipIndex = IndexHead & { rows: { keys(): Iterable<string>; get(path: string): IndexRow | null } }

/** Gathers rows while an archive is made, each path once. */
export type IndexWriter = { add(path: string, row: IndexRow): void; bytes(head: IndexHead): Buffer }

/** Another one's index is not read: what it says of local headers holds for those that `zip-format.ts` makes today. */
const VERSION = 4
type FirstLine = IndexHead & { v: number; sum: string; rows: number }

/** Numbers of a row, doubles as this machine has them, in their order: opened, at, method, CRC, packed, size, head, and where its key and its content end. */
const NUMBERS = 9
const KEY_END = 7
const CONTENT_END = 8

/**
 * A line of JSON, which holds the SHA-256 of the rest: the rows' numbers, and then, all as bytes and row after row, their digests, their keys,
 * their contents, and their paths, with a NUL between them. It is read before anything else can be done, so that as little as can be is made of
 * it before it is asked for; and there are many rows, so that few things are kept for each.
 */
export function indexWriter(): IndexWriter {
  const numbers: number[] = []
  const digests: string[] = []
  const keys: string[] = []
  const contents: string[] = []
  const paths: string[] = []
  let [keyEnd, contentEnd] = [0, 0]
  return {
    add(path, { key, opened, at, content, method, crc, packed, size, head, digest }) {
      const named = content === null ? '' : encodeURIComponent(content)
      keyEnd += key.length
      contentEnd += named.length
      numbers.push(opened, at, method, crc, packed, size, head, keyEnd, contentEnd)
      digests.push(digest)
      keys.push(key)
      contents.push(named)
      paths.push(path)
    },
    bytes(head) {
      const texts = [...digests, ...keys, ...contents, paths.join('\0')].join('')
      const body = Buffer.concat([new Uint8Array(Float64Array.from(numbers).buffer), Buffer.from(texts, 'latin1')])
      const first: FirstLine = { v: VERSION, sum: hash('sha256', body), ...head, rows: paths.length }
      return Buffer.concat([Buffer.from(`${JSON.stringify(first)}\n`), body])
    },
  }
}

/** Null when there is none, when it is damaged, or when it is another version's. */
export async function readIndex(path: string): Promise<ZipIndex | null> {
  try {
    const bytes = await readFile(path)
    const end = bytes.indexOf('\n')
    const { v, sum, rows, ...head } = JSON.parse(bytes.toString('utf8', 0, end)) as FirstLine
    const body = bytes.subarray(end + 1)
    if (v !== VERSION || hash('sha256', body) !== sum) return null
    return { ...head, rows: rowsOf(body, rows) }
  } catch {
    return null
  }
}

function rowsOf(body: Buffer, count: number): ZipIndex['rows'] {
  const width = count * NUMBERS * Float64Array.BYTES_PER_ELEMENT
  const numbers = new Float64Array(new Uint8Array(body.subarray(0, width)).buffer)
  const texts = body.toString('latin1', width)
  const endOf = (row: number, column: number): number => (row < 0 ? 0 : (numbers[row * NUMBERS + column] ?? 0))
  const keys = count * DIGEST
  const contents = keys + endOf(count - 1, KEY_END)
  const paths = count === 0 ? [] : texts.slice(contents + endOf(count - 1, CONTENT_END)).split('\0')
  // Most are asked for in their order. Where each stands is only looked up once somebody does otherwise.
  let following = 0
  let places: Map<string, number> | null = null
  const placeOf = (path: string): number | undefined => {
    if (paths[following] === path) return following
    places ??= new Map(paths.map((one, row) => [one, row]))
    return places.get(path)
  }

  return {
    keys: () => paths,
    get(path) {
      const row = placeOf(path)
      if (row === undefined) return null
      following = row + 1
      const number = row * NUMBERS
      const content = texts.slice(contents + endOf(row - 1, CONTENT_END), contents + endOf(row, CONTENT_END))
      return {
        key: texts.slice(keys + endOf(row - 1, KEY_END), keys + endOf(row, KEY_END)),
        opened: numbers[number] ?? 0,
        at: numbers[number + 1] ?? 0,
        content: content === '' ? null : decodeURIComponent(content),
        method: numbers[number + 2] === 0 ? 0 : 8,
        crc: numbers[number + 3] ?? 0,
        packed: numbers[number + 4] ?? 0,
        size: numbers[number + 5] ?? 0,
        head: numbers[number + 6] ?? 0,
        digest: texts.slice(row * DIGEST, (row + 1) * DIGEST),
      }
    },
  }
}
