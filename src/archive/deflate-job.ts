import { constants, crc32, deflateRawSync } from 'node:zlib'
import { isDense } from './dense.ts'

/** A piece of a longer stream. `dictionary` are the up to 32 KB before it, and may stand in the same memory. */
export type DeflateJob = { data: Uint8Array; dictionary: Uint8Array | null; level: number; last: boolean }

/** `packed` can be joined to its neighbours': it ends at a whole byte (a sync flush), or ends the stream. */
export type Deflated = { packed: Uint8Array<ArrayBuffer>; crc: number }

/** Deflates one piece (RFC 1951); its CRC is that of the piece alone. */
export function deflatePiece({ data, dictionary, level, last }: DeflateJob): Deflated {
  const packed = deflateRawSync(data, {
    level: isDense(data) ? 0 : level,
    memLevel: 9,
    // Room for all of it, and too much for the memory that small buffers share: one buffer, which can be handed over.
    chunkSize: data.length + Buffer.poolSize,
    finishFlush: last ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
    ...(dictionary !== null && dictionary.length > 0 ? { dictionary } : {}),
  })
  return { packed: packed.buffer.byteLength > Buffer.poolSize ? packed : new Uint8Array(packed), crc: crc32(data) }
}
