import { crc32 } from 'node:zlib'
import { deflateRaw } from './deflate-raw.ts'
import type { DeflateOptions } from './deflate-raw.ts'
import { isDense } from './dense.ts'

/** A piece of a longer stream. */
export type DeflateJob = DeflateOptions & { data: Uint8Array }

/** `packed` can be joined to its neighbours': it ends at a whole byte, or ends the stream. */
export type Deflated = { packed: Uint8Array<ArrayBuffer>; crc: number }

/** Deflates one piece (RFC 1951); its CRC is that of the piece alone. */
export function deflatePiece({ data, dictionary, level, last }: DeflateJob): Deflated {
  const packed = deflateRaw(data, { dictionary, level: isDense(data) ? 0 : level, last })
  return { packed, crc: crc32(data) }
}
