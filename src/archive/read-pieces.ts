import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { allZero, isHole, PIECE } from './deflate-blocks.ts'
import { release } from './memory.ts'
import { readFully } from './store-pieces.ts'

/** Reads a file at most `PIECE` bytes at a time. A piece has memory of its own, which `done` gives back, or is `allZero`. */
export type PieceReader = {
  read(position: number, length: number): Promise<Buffer<ArrayBuffer>>
  done(piece: Buffer<ArrayBuffer>): void
  close(): Promise<void>
}

/** Bytes of hole from which on it pays. */
const HOLLOW = 64 << 20
const PAGE = 65_536

/** A file with long holes is read past the system's cache, which would be filled with their zeros: that takes ten times as long. */
export async function pieceReader(handle: FileHandle): Promise<PieceReader> {
  const { size, blocks } = await handle.stat()
  const direct = size - blocks * 512 > HOLLOW ? await openDirect(handle) : null
  if (direct === null)
    return { read: (position, length) => readFully(handle, position, length), done, close: async () => {} }
  const room = aligned()
  return {
    async read(position, length) {
      const read = await direct.read(room, 0, PIECE, position).catch(() => ({ bytesRead: 0 }))
      // At the end, or where it cannot be done so.
      if (read.bytesRead < length) return readFully(handle, position, length)
      const piece = room.subarray(0, length)
      return isHole(piece) ? allZero() : Buffer.from(new Uint8Array(piece).buffer)
    },
    done,
    close: () => direct.close(),
  }
}

function done(piece: Buffer<ArrayBuffer>): void {
  if (piece.buffer !== allZero().buffer) release(piece)
}

/** The same file once more, whatever stands under its name by now; null where that cannot be. */
async function openDirect(handle: FileHandle): Promise<FileHandle | null> {
  if (process.platform !== 'linux') return null
  return open(`/proc/self/fd/${handle.fd}`, constants.O_RDONLY | constants.O_DIRECT).catch(() => null)
}

/** Known to the engine, not to the compiler's library for Node. */
declare const WebAssembly: { Memory: new (pages: { initial: number; maximum: number }) => { buffer: ArrayBuffer } }

/** Such a read needs memory that begins with a page; of all there is, only this does. */
function aligned(): Buffer<ArrayBuffer> {
  const pages = PIECE / PAGE
  return Buffer.from(new WebAssembly.Memory({ initial: pages, maximum: pages }).buffer)
}
