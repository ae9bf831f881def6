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
  for (const path of paths) found.push(await hashOne(Buffer.from(path, 'latin1'), count))
  return found
}

async function hashOne(path: Buffer, count: Counter): Promise<FileDigest | null> {
  const fd = openOrNull(path)
  if (fd === null) return null
  try {
    const stat = fstatSync(fd)
    if (!stat.isFile()) throw new StepFailed('hash', `${path.toString('utf8')} is not a plain file`)
    // Not asked again for the end of a short one.
    const short = stat.size > 0 && stat.size < CHUNK
    const first = fill(fd, short ? room.buffer.subarray(0, stat.size) : room.buffer, 0)
    count(first)
    if (short || first < CHUNK) return { sha256: hash('sha256', room.buffer.subarray(0, first)), bytes: first }
    const digest = createHash('sha256').update(room.buffer)
    for (let at = first; ;) {
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
