import { constants, deflateRawSync } from 'node:zlib'
import { fastDeflate } from './fast-deflate.ts'

/** The level that packs unless another is asked for: our own, smaller than zlib's level 2 and in little more than half of its time. */
export const LEVEL = 2

/**
 * `dictionary`: the up to 32 KB before, which may stand in the same memory. `level`: `LEVEL`, or one of zlib's. What is not `last` ends
 * at a whole byte (a sync flush), so that more can follow.
 */
export type DeflateOptions = { dictionary: Uint8Array | null; level: number; last: boolean }

/** Deflates (RFC 1951) into memory of its own, which can be handed over. */
export function deflateRaw(data: Uint8Array, { dictionary, level, last }: DeflateOptions): Uint8Array<ArrayBuffer> {
  const fast = level === LEVEL ? fastDeflate() : null
  if (fast !== null) return fast(data, dictionary, last)
  const packed = deflateRawSync(data, {
    level,
    memLevel: 9,
    // Room for all of it, and too much for the memory that small buffers share: one buffer, which can be handed over.
    chunkSize: data.length + Buffer.poolSize,
    finishFlush: last ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
    ...(dictionary !== null && dictionary.length > 0 ? { dictionary } : {}),
  })
  return packed.buffer.byteLength > Buffer.poolSize ? packed : new Uint8Array(packed)
}
