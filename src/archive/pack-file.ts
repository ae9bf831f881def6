import type { FileHandle } from 'node:fs/promises'
import { once } from 'node:events'
import { createDeflateRaw, crc32, deflateRawSync } from 'node:zlib'

/** How a file's content stands in the archive; `size` is what was read. */
export type Packed = { method: 0 | 8; crc: number; packed: number; size: number }

const SMALL = 262_144
const BLOCK = 1 << 20
const LEVEL = 6
/** Compressed already: deflating them again costs time and gains nothing. */
const DENSE =
  /\.(?:7z|avif|br|bz2|gif|gz|heic|jpe?g|lz4|mov|mp[34]|m4[av]|ogg|opus|png|rar|tgz|webm|webp|woff2?|xz|zip|zst)$/i

/**
 * Packs at most `size` bytes of `from` into `to` at `position`. Not more than what the file held when it was looked
 * at: one that grows for ever must not be followed for ever.
 */
export async function packFile(
  from: FileHandle,
  size: number,
  name: Buffer,
  to: FileHandle,
  position: number,
  signal?: AbortSignal,
): Promise<Packed> {
  const dense = DENSE.test(name.subarray(-12).toString('latin1'))
  if (size <= SMALL) return packSmall(from, size, dense, to, position)
  return dense ? storeLarge(from, size, to, position, signal) : deflateLarge(from, size, to, position, signal)
}

async function packSmall(
  from: FileHandle,
  size: number,
  dense: boolean,
  to: FileHandle,
  position: number,
): Promise<Packed> {
  const buffer = Buffer.allocUnsafe(size)
  const data = buffer.subarray(0, await fill(from, buffer, 0))
  const deflated = dense || data.length < 32 ? data : deflateRawSync(data, { level: LEVEL })
  const method = deflated.length < data.length ? 8 : 0
  const written = method === 8 ? deflated : data
  await writeAll(to, written, position)
  return { method, crc: crc32(data), packed: written.length, size: data.length }
}

async function storeLarge(
  from: FileHandle,
  size: number,
  to: FileHandle,
  position: number,
  signal?: AbortSignal,
): Promise<Packed> {
  let crc = 0
  let done = 0
  for await (const block of blocks(from, size, signal)) {
    crc = crc32(block, crc)
    await writeAll(to, block, position + done)
    done += block.length
  }
  return { method: 0, crc, packed: done, size: done }
}

async function deflateLarge(
  from: FileHandle,
  size: number,
  to: FileHandle,
  position: number,
  signal?: AbortSignal,
): Promise<Packed> {
  const deflate = createDeflateRaw({ level: LEVEL, chunkSize: BLOCK })
  let crc = 0
  let read = 0
  let packed = 0
  const writing = (async () => {
    for await (const chunk of deflate) {
      const bytes = chunk as Buffer
      await writeAll(to, bytes, position + packed)
      packed += bytes.length
    }
  })()
  // The reader below sees a failed write through the destroyed stream; this keeps it from being unhandled meanwhile.
  writing.catch(() => undefined)
  try {
    for await (const block of blocks(from, size, signal)) {
      crc = crc32(block, crc)
      read += block.length
      // The buffer is used again: the compressor gets its own.
      if (!deflate.write(Buffer.from(block))) await Promise.race([once(deflate, 'drain'), writing])
    }
    deflate.end()
    await writing
  } finally {
    deflate.destroy()
  }
  return { method: 8, crc, packed, size: read }
}

/** The first `size` bytes, a block at a time; each block is only good until the next. */
async function* blocks(from: FileHandle, size: number, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(Math.min(BLOCK, size))
  for (let at = 0; at < size;) {
    signal?.throwIfAborted()
    const bytes = await fill(from, buffer.subarray(0, Math.min(buffer.length, size - at)), at)
    if (bytes === 0) return
    yield buffer.subarray(0, bytes)
    at += bytes
  }
}

async function fill(from: FileHandle, buffer: Buffer, position: number): Promise<number> {
  let done = 0
  while (done < buffer.length) {
    const { bytesRead } = await from.read(buffer, done, buffer.length - done, position + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return done
}

/** Writes all of it: a short write is continued, a full disk throws. */
export async function writeAll(to: FileHandle, data: Buffer, position: number): Promise<void> {
  for (let done = 0; done < data.length;) {
    const { bytesWritten } = await to.write(data, done, data.length - done, position + done)
    done += bytesWritten
  }
}
