import { deflatePiece } from './deflate-job.ts'
import type { Deflated } from './deflate-job.ts'
import type { Pool } from './pool.ts'

/** A long stream is deflated in pieces of this size, each of which knows the 32 KB before it. */
export const PIECE = 1 << 20
const WINDOW = 32_768

/** A piece under way: `raw` bytes of content. `owned`: its memory is nobody else's, and can be released after use. */
export type Piece = { raw: number; owned: boolean; result: Promise<Deflated> }

/** Deflates one stream, piece by piece; the pieces' results put together in their order are the whole. */
export type Deflater = {
  /** At most `PIECE` bytes. When the answer is `owned`, the buffer was taken, all its memory; else it is the caller's again. */
  piece(data: Buffer<ArrayBuffer>, last: boolean): Piece
}

/** What ends a stream of which nothing more is to come. */
const END: Deflated = { packed: new Uint8Array([3, 0]), crc: 0 }
const zeros: { known: Buffer<ArrayBuffer>; piece: Deflated | null } = { known: Buffer.alloc(0), piece: null }

export function deflater(pool: Pool, level: number): Deflater {
  let dictionary: Buffer = Buffer.alloc(0)
  return {
    piece(data, last) {
      if (data.length === 0) return { raw: 0, owned: false, result: Promise.resolve(END) }
      const hole = !last && isHole(data)
      const before = dictionary
      dictionary = hole ? allZero().subarray(-WINDOW) : Buffer.from(data.subarray(-WINDOW))
      if (hole) return { raw: data.length, owned: false, result: Promise.resolve(zeroPiece()) }
      const owned = data.buffer === zeros.known.buffer ? Buffer.from(new Uint8Array(data).buffer) : data
      const input = { data: owned, dictionary: before.length > 0 ? new Uint8Array(before) : null, level, last }
      return {
        raw: data.length,
        owned: true,
        result: pool.run('deflate', input, { transfer: [owned.buffer], brief: true }),
      }
    },
  }
}

/** The stretches of a sparse file: not worth a worker's time. */
export function isHole(data: Buffer): boolean {
  return data.length === PIECE && data.equals(allZero())
}

/** A whole piece of zeros, always the same one. */
export function allZero(): Buffer<ArrayBuffer> {
  if (zeros.known.length === 0) zeros.known = Buffer.from(new ArrayBuffer(PIECE))
  return zeros.known
}

/** It refers to nothing before it, so it fits anywhere. Made once, it is worth the highest level. */
function zeroPiece(): Deflated {
  zeros.piece ??= deflatePiece({ data: allZero(), dictionary: null, level: 9, last: false })
  return zeros.piece
}
