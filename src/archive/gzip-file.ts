import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { StepFailed, messageOf } from '../core/failure.ts'
import { clean } from '../core/text.ts'
import { makeFolder, temporaryBeside } from '../world/files.ts'
import { sweepTemporaries } from '../world/leftovers.ts'
import type { GzipOptions } from './gzip-write.ts'
import { writeGzip } from './gzip-write.ts'
import { publishWhole } from './publish.ts'

/** `onBytes` is told how many bytes of the source were read so far, and how many there are. */
export type GzipFileOptions = GzipOptions & { onBytes?: ((done: number, total: number) => void) | undefined }

const CHUNK = 1 << 20

/** Packs one file as a `.gz`, published whole. Throws when the source is no plain file, changed meanwhile, or `to` is taken. */
export async function gzipFile(
  from: string,
  to: string,
  options: GzipFileOptions = {},
): Promise<{ bytes: number; rawBytes: number; sha256: string }> {
  const handle = await openPlain(from)
  try {
    const { size, mtimeMs } = await handle.stat()
    const sink = await writeGzip(to, options)
    try {
      for (let at = 0; ;) {
        const buffer = Buffer.allocUnsafe(CHUNK)
        const { bytesRead } = await handle.read(buffer, 0, CHUNK, at)
        if (bytesRead === 0) break
        at += bytesRead
        await sink.write(buffer.subarray(0, bytesRead))
        options.onBytes?.(at, Math.max(at, size))
      }
      const after = await handle.stat()
      if (after.size !== size || after.mtimeMs !== mtimeMs)
        throw new StepFailed('gzip', `${clean(from)} changed while it was read`)
      return await sink.close()
    } finally {
      await sink.abort()
    }
  } finally {
    await handle.close()
  }
}

/**
 * Unpacks a `.gz` of one file, published whole, 0600. `onBytes` counts packed bytes. Throws when it is damaged or cut short, when it
 * would grow past `limit` bytes (default: none but the disk's), and when `to` is taken.
 */
export async function gunzipFile(
  from: string,
  to: string,
  options: GzipFileOptions & { limit?: number } = {},
): Promise<{ bytes: number }> {
  await makeFolder(dirname(to))
  await sweepTemporaries(dirname(to))
  const temporary = temporaryBeside(to)
  const output = await open(temporary, 'wx', 0o600)
  try {
    let bytes = 0
    try {
      for await (const chunk of gunzipped(from, options)) {
        bytes += chunk.length
        if (bytes > (options.limit ?? Number.MAX_SAFE_INTEGER))
          throw new StepFailed('gunzip', `${clean(from)} would unpack to more than the ${options.limit} bytes allowed`)
        await output.writeFile(chunk)
      }
    } finally {
      await output.close()
    }
    await publishWhole(temporary, to)
    return { bytes }
  } finally {
    await rm(temporary, { force: true })
  }
}

/** The content of a `.gz`, checked against its CRC and length at the end; with `plainToo`, of a file that is no gzip as it is. */
export async function* gunzipped(
  from: string | FileHandle,
  options: Pick<GzipFileOptions, 'onBytes' | 'signal'> & { plainToo?: boolean } = {},
): AsyncGenerator<Buffer> {
  const handle = typeof from === 'string' ? await openPlain(from) : from
  try {
    const { size } = await handle.stat()
    const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0)
    const source = chunks(handle, size, options)
    if (options.plainToo === true && buffer.readUInt16BE(0) !== 0x1f8b) return yield* source
    // An error of either stream comes out of the loop below; the callback only keeps it from being thrown twice.
    const unzipped = pipeline(source, createGunzip({ chunkSize: 1 << 18 }), () => undefined)
    yield* unzipped as unknown as AsyncIterable<Buffer>
  } catch (error) {
    if (options.signal?.aborted === true || error instanceof StepFailed) throw error
    const name = typeof from === 'string' ? `${clean(from)}: ` : ''
    throw new StepFailed('gunzip', `${name}the archive is damaged: ${clean(messageOf(error))}`)
  } finally {
    if (typeof from === 'string') await handle.close()
  }
}

/** Opens a plain file for reading. A link, a folder or a pipe is refused. */
export async function openPlain(path: string): Promise<FileHandle> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  if ((await handle.stat()).isFile()) return handle
  await handle.close()
  throw new StepFailed('archive', `${clean(path)} is not a plain file`)
}

async function* chunks(
  handle: FileHandle,
  size: number,
  { onBytes, signal }: Pick<GzipFileOptions, 'onBytes' | 'signal'>,
): AsyncGenerator<Buffer> {
  for (let at = 0; ;) {
    signal?.throwIfAborted()
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK, at)
    if (bytesRead === 0) return
    at += bytesRead
    onBytes?.(at, size)
    yield buffer.subarray(0, bytesRead)
  }
}
