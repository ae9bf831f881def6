import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Clock } from './clock.ts'
import type { Payload } from './pack-job.ts'

/**
 * What is remembered of a file in an archive. `key` and `opened` (ms) are what its stat was and when it was opened, `at` is where its
 * packed bytes begin; `content` names its content where that is known otherwise (a git blob).
 */
export type IndexRow = Payload & { key: string; opened: number; at: number; content: string | null }

/**
 * An archive's index: a cache, needed by nothing but the next archive. Rows by path, as bytes, one character each. `archive` is the SHA-256 of the
 * archive it belongs to. `turn` counts the archives made one from the other, `prefix` is that of its names.
 */
export type ZipIndex = {
  archive: string
  bytes: number
  turn: number
  clock: Clock
  prefix: string
  rows: Map<string, IndexRow>
}

type Head = Omit<ZipIndex, 'rows'> & { v: 3; sum: string; rows: number }

/** Numbers of a row, doubles as this machine has them, in their order: opened, at, method, CRC, packed, size, head. */
const NUMBERS = 7
const DIGEST = 32

/**
 * A line of JSON, the head, which holds the SHA-256 of the rest: the rows' numbers, their digests, and then, each ended by a NUL
 * and all as bytes, their paths, keys and contents in turn. It is read before anything else can be done, so that it is made to be read quickly.
 */
export function indexBytes({ rows, ...head }: ZipIndex): Buffer {
  const numbers: number[] = []
  const digests: string[] = []
  const texts: string[] = []
  for (const [path, { key, opened, at, content, method, crc, packed, size, head: header, digest }] of rows) {
    numbers.push(opened, at, method, crc, packed, size, header)
    digests.push(digest)
    texts.push(path, key, encodeURIComponent(content ?? ''))
  }
  const body = Buffer.concat([
    new Uint8Array(Float64Array.from(numbers).buffer),
    Buffer.from(digests.join(''), 'latin1'),
    Buffer.from(texts.join('\0'), 'latin1'),
  ])
  const first: Head = { v: 3, sum: hash('sha256', body), ...head, rows: rows.size }
  return Buffer.concat([Buffer.from(`${JSON.stringify(first)}\n`), body])
}

/** Null when there is none, when it is damaged, or when it is another version's. */
export async function readIndex(path: string): Promise<ZipIndex | null> {
  try {
    const bytes = await readFile(path)
    const end = bytes.indexOf('\n')
    const { v, sum, rows: count, ...head } = JSON.parse(bytes.toString('utf8', 0, end)) as Head
    const body = bytes.subarray(end + 1)
    if (v !== 3 || hash('sha256', body) !== sum) return null
    return { ...head, rows: rowsOf(body, count) }
  } catch {
    return null
  }
}

function rowsOf(body: Buffer, count: number): Map<string, IndexRow> {
  const rows = new Map<string, IndexRow>()
  const width = NUMBERS * Float64Array.BYTES_PER_ELEMENT
  const numbers = new Float64Array(new Uint8Array(body.subarray(0, count * width)).buffer)
  const digests = body.toString('latin1', count * width, count * (width + DIGEST))
  const texts = body.toString('latin1', count * (width + DIGEST)).split('\0')
  for (let row = 0; row < count; row += 1) {
    const [number, text] = [row * NUMBERS, row * 3]
    const content = texts[text + 2] ?? ''
    rows.set(texts[text] ?? '', {
      key: texts[text + 1] ?? '',
      opened: numbers[number] ?? 0,
      at: numbers[number + 1] ?? 0,
      content: content === '' ? null : decodeURIComponent(content),
      method: numbers[number + 2] === 0 ? 0 : 8,
      crc: numbers[number + 3] ?? 0,
      packed: numbers[number + 4] ?? 0,
      size: numbers[number + 5] ?? 0,
      head: numbers[number + 6] ?? 0,
      digest: digests.slice(row * DIGEST, (row + 1) * DIGEST),
    })
  }
  return rows
}
