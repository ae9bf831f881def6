import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { DIGEST } from './pack-job.ts'
import { fill, readSettled, smallRoom } from './read-settled.ts'
import type { FoundFile } from './read-settled.ts'

/**
 * Members to be put together as they will stand in the next archive. `from` is the earlier archive's descriptor, `heads` is what is new,
 * one after the other: local headers, and where links lead. `table` has three numbers a member: how much of `heads` is its own, where what follows it
 * stands in the earlier archive, and how many bytes that is; `digests` has the SHA-256 of each that has some, one character a byte. All of it goes into `room`.
 */
export type CopyJob = {
  from: number
  heads: Uint8Array
  table: Float64Array
  digests: string
  room: SharedArrayBuffer
  due: DueFile[]
}

/** A file that must be read and found to be what it was, else it is not copied. */
export type DueFile = { index: number; file: FoundFile; crc: number }

/** Members that cannot be copied, by their place: what is not as its digest says, and what a look at its file did not confirm. */
export type CopyFlaws = { damaged: number[]; changed: number[] }

/** Numbers a member has in the table. */
const COLUMNS = 3

/** Copies members packed as they are, each one checked. */
export function copyMembers({ from, heads, table, digests, room, due }: CopyJob): CopyFlaws {
  const bytes = new Uint8Array(room)
  readRuns(from, table, bytes)
  const damaged: number[] = []
  let [at, head, digest] = [0, 0, 0]
  for (let row = 0; row < table.length; row += COLUMNS) {
    const [length, copied] = [table[row] ?? 0, table[row + 2] ?? 0]
    if (length > 0) bytes.set(heads.subarray(head, head + length), at)
    head += length
    at += length
    if (copied === 0) continue
    const found = hash('sha256', bytes.subarray(at, at + copied), 'latin1')
    if (!digests.startsWith(found, digest)) damaged.push(row / COLUMNS)
    digest += DIGEST
    at += copied
  }
  return { damaged, changed: due.filter((file) => !isSame(file)).map(({ index }) => index) }
}

/** Members that stand as far from each other as they will are read at once: what is between them is written over. */
function readRuns(from: number, table: Float64Array, bytes: Uint8Array): void {
  let run: { source: number; start: number; end: number } | null = null
  const read = (): void => {
    if (run !== null) readRun(from, bytes.subarray(run.start, run.end), run.source)
  }
  for (let row = 0, at = 0; row < table.length; row += COLUMNS) {
    const [head, source, copied] = [table[row] ?? 0, table[row + 1] ?? 0, table[row + 2] ?? 0]
    at += head
    if (copied > 0) {
      if (run !== null && source - run.source === at - run.start) run.end = at + copied
      else {
        read()
        run = { source, start: at, end: at + copied }
      }
    }
    at += copied
  }
  read()
}

/** What a bad sector, or an end that comes too early, leaves unread will not agree with its digest. */
function readRun(from: number, into: Uint8Array, source: number): void {
  let length = 0
  try {
    length = fill(from, into, source)
  } catch {
    // Told by whoever looks at the digests.
  }
  into.fill(0, length)
}

function isSame({ file, crc }: DueFile): boolean {
  const read = readSettled(file, smallRoom())
  return read !== null && read.settled && read.data.length === file.size && crc32(read.data) === crc
}
