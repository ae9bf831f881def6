import { pipeline } from 'node:stream'
import { createInflateRaw, inflateRawSync } from 'node:zlib'
import { messageOf } from '../core/failure.ts'
import { codeOf } from '../world/files.ts'
import type { Inflater } from './inflater.ts'
import { DAMAGED, TOO_LONG } from './inflater.ts'
import { release } from './memory.ts'

const ROOM = 5 << 20
const PIECE = 1 << 20

/** Node's own. */
export function zlibInflater(): Inflater {
  let before: Buffer = Buffer.alloc(0)
  return {
    room: Buffer.allocUnsafeSlow(ROOM),
    whole(packed, size) {
      release(before)
      try {
        before = inflateRawSync(packed, { maxOutputLength: Math.max(1, size), chunkSize: Math.max(64, size + 1) })
        return before
      } catch (error) {
        throw damaged(error)
      }
    },
    async *pieces(read) {
      // An error of either stream comes out of the loop over the result; the callback only keeps it from being thrown twice.
      const stream = pipeline(packedPieces(read), createInflateRaw({ chunkSize: PIECE }), () => undefined)
      try {
        for await (const chunk of stream as AsyncIterable<Buffer>) {
          yield chunk
          if (isSpent(chunk)) release(chunk)
        }
      } catch (error) {
        throw damaged(error)
      }
    },
  }
}

function* packedPieces(read: (room: Buffer) => number): Generator<Buffer> {
  for (;;) {
    const piece = Buffer.allocUnsafe(PIECE)
    const length = read(piece)
    if (length === 0) return
    yield piece.subarray(0, length)
  }
}

/** Inflating goes on filling the same memory until it has given out the last byte of it. */
function isSpent({ buffer, byteOffset, byteLength }: Buffer): boolean {
  return byteOffset + byteLength === buffer.byteLength
}

/** What zlib found; other errors, as of the reading, stay what they are. */
function damaged(error: unknown): unknown {
  const code = codeOf(error)
  if (code === 'ERR_BUFFER_TOO_LARGE') return new Error(TOO_LONG)
  return code?.startsWith('Z_') === true ? new Error(`${DAMAGED}: ${messageOf(error)}`) : error
}
