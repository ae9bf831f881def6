import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'
import { fill } from './read-settled.ts'

/** The next stretch of a file that is hashed as it is written; `last` asks for the digest of all of them. */
export type DigestJob = { fd: number; from: number; to: number; last: boolean }

const CHUNK = 1 << 20
const kept = { hashes: new Map<number, Hash>(), buffer: Buffer.alloc(0) }

/** SHA-256 in hex once the last stretch was read, and nothing before. All stretches of a file in the same thread. */
export function digestStretch({ fd, from, to, last }: DigestJob): string {
  if (kept.buffer.length === 0) kept.buffer = Buffer.allocUnsafeSlow(CHUNK)
  if (from === 0) kept.hashes.set(fd, createHash('sha256'))
  const hash = kept.hashes.get(fd)
  if (hash === undefined) throw new Error('a digest must begin at the beginning')
  for (let at = from; at < to;) {
    const read = fill(fd, kept.buffer.subarray(0, Math.min(CHUNK, to - at)), at)
    if (read === 0) throw new Error('what was written could not be read back')
    hash.update(kept.buffer.subarray(0, read))
    at += read
  }
  if (!last) return ''
  kept.hashes.delete(fd)
  return hash.digest('hex')
}
