import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { allZero } from './deflate-blocks.ts'
import type { Piece } from './deflate-blocks.ts'
import { isFound, isGone, SAFELY } from './read-settled.ts'
import type { FoundFile } from './read-settled.ts'
import { joinPath, systemPath } from './tree-path.ts'

/** A piece that goes into the archive as it is. The buffer is taken, all its memory, unless it is of zeros that others use too. */
export function storedPiece(data: Buffer<ArrayBuffer>): Piece {
  const owned = data.buffer !== allZero().buffer
  return { raw: data.length, owned, result: Promise.resolve({ packed: data, crc: crc32(data) }) }
}

/** Null when it is gone, or no file any more, and when another one than was found does not stand in its place. */
export async function openFound(found: FoundFile): Promise<FileHandle | null> {
  const handle = await open(systemPath(joinPath(found.root, found.path)), SAFELY).catch((error: unknown) => {
    if (isGone(error)) return null
    throw error
  })
  if (handle === null || ((await handle.stat()).isFile() && isFound(handle.fd, found))) return handle
  await handle.close()
  return null
}

/** So many bytes from there on, or as many as there are. */
export async function readFully(handle: FileHandle, position: number, length: number): Promise<Buffer<ArrayBuffer>> {
  const data = Buffer.allocUnsafeSlow(length)
  let done = 0
  while (done < length) {
    const { bytesRead } = await handle.read(data, done, length - done, position + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return data.subarray(0, done)
}
