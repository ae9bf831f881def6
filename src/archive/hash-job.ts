import { createHash, hash } from 'node:crypto'
import { closeSync, fstatSync, openSync } from 'node:fs'
import { setImmediate as breathe } from 'node:timers/promises'
import { StepFailed } from '../core/failure.ts'
import { codeOf } from '../world/files.ts'
import type { FileDigest } from './hash-files.ts'
import type { Counter } from './jobs.ts'
import { fill, SAFELY } from './read-settled.ts'

/** Paths are bytes, one character each. */
export type HashJob = { paths: string[] }

const CHUNK = 1 << 20
const room = { buffer: Buffer.alloc(0) }

/** SHA-256 of some files, in their order; null for one that is not there. */
export async function hashBatch({ paths }: HashJob, count: Counter): Promise<(FileDigest | null)[]> {
  if (room.buffer.length === 0) room.buffer = Buffer.allocUnsafeSlow(CHUNK)
  const found: (FileDigest | null)[] = []
  for (const path of paths) {
    const digest = hashOne(Buffer.from(path, 'latin1'), count)
    // Most files are short, and nothing is waited for.
    found.push(digest instanceof Promise ? await digest : digest)
  }
  return found
}

function hashOne(path: Buffer, count: Counter): FileDigest | null | Promise<FileDigest> {
  const fd = openOrNull(path)
  if (fd === null) return null
  let long = false
  try {
    const stat = fstatSync(fd)
    if (!stat.isFile()) throw new StepFailed('hash', `${path.toString('utf8')} is not a plain file`)
    // Not asked again for the end of a short one.
    const short = stat.size > 0 && stat.size < CHUNK
    const first = fill(fd, short ? room.buffer.subarray(0, stat.size) : room.buffer, 0)
    count(first)
    if (short || first < CHUNK) return { sha256: hash('sha256', room.buffer.subarray(0, first)), bytes: first }
    long = true
    return hashLong(fd, count)
  } finally {
    if (!long) closeSync(fd)
  }
}

/** What is in `room` is the first piece; others get a turn between the pieces. */
async function hashLong(fd: number, count: Counter): Promise<FileDigest> {
  try {
    const digest = createHash('sha256').update(room.buffer)
    for (let at = CHUNK; ;) {
      const read = fill(fd, room.buffer, at)
      digest.update(room.buffer.subarray(0, read))
      at += read
      count(read)
      if (read < CHUNK) return { sha256: digest.digest('hex'), bytes: at }
      await breathe()
    }
  } finally {
    closeSync(fd)
  }
}

function openOrNull(path: Buffer): number | null {
  try {
    return openSync(path, SAFELY)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}
