import { createHash } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder, temporaryBeside } from '../world/files.ts'
import { sweepTemporaries } from '../world/leftovers.ts'
import { combineCrc } from './crc-combine.ts'
import { deflater, PIECE } from './deflate-blocks.ts'
import type { Piece } from './deflate-blocks.ts'
import { LEVEL } from './deflate-raw.ts'
import { flushBehind } from './flush-behind.ts'
import { release } from './memory.ts'
import { openPool } from './pool.ts'
import { publishWhole } from './publish.ts'
import { writeAll } from './write-all.ts'

/** A `.gz` in the making. Nothing stands under its name before `close` has returned. */
export type GzipSink = {
  /** The temporary name it has until then. */
  temporary: string
  /** Takes bytes, in order; await it before the next, then the buffer is the caller's again. Throws when the disk does. */
  write(data: Uint8Array): Promise<void>
  /** Ends, syncs and publishes it. `bytes` and `sha256` are the file's, `rawBytes` what was written. Never over a name that is taken. */
  close(): Promise<{ bytes: number; rawBytes: number; sha256: string }>
  /** Leaves nothing. May be called at any time; after `close` it does nothing. */
  abort(): Promise<void>
}

/** `level`: 1 to 9; see `deflate-raw.ts`. `threads`: workers at most, 0 for none; default one a core. */
export type GzipOptions = { level?: number | undefined; threads?: number | undefined; signal?: AbortSignal | undefined }

/** RFC 1952, 2.3: magic, deflate, no flags, no time, no extra flags, made on Unix. The same content gives the same bytes. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3])

/** Opens a `.gz` (RFC 1952, one member, no name and no time in it) that any gunzip opens. */
export async function writeGzip(to: string, options: GzipOptions = {}): Promise<GzipSink> {
  options.signal?.throwIfAborted()
  await makeFolder(dirname(to))
  await sweepTemporaries(dirname(to))
  const temporary = temporaryBeside(to)
  const handle = await open(temporary, 'wx', 0o600)
  const pool = openPool(options.signal, options.threads)
  const deflate = deflater(pool, options.level ?? LEVEL)
  const hash = createHash('sha256')
  const early = flushBehind(() => handle.datasync())
  const pending: Piece[] = []
  let room = Buffer.allocUnsafeSlow(PIECE)
  let filled = 0
  let [bytes, rawBytes, crc] = [0, 0, 0]
  let over = false

  const put = async (data: Uint8Array): Promise<void> => {
    hash.update(data)
    await writeAll(handle, data, bytes)
    bytes += data.length
    early.advance(bytes)
  }
  const settle = async (most: number): Promise<void> => {
    while (pending.length > most) {
      const piece = pending.shift()
      if (piece === undefined) return
      const done = await piece.result
      crc = combineCrc(crc, done.crc, piece.raw)
      await put(done.packed)
      if (piece.owned) release(done.packed)
    }
  }
  const flush = async (last: boolean): Promise<void> => {
    const piece = deflate.piece(room.subarray(0, filled), last)
    if (piece.owned && !last) room = Buffer.allocUnsafeSlow(PIECE)
    pending.push(piece)
    filled = 0
    await settle(last ? 0 : pool.width * 3)
  }
  const leave = async (): Promise<void> => {
    over = true
    await pool.end()
    await early.idle()
    await handle.close()
  }
  try {
    await put(HEADER)
  } catch (error) {
    await leave()
    await rm(temporary, { force: true })
    throw error
  }
  return {
    temporary,
    async write(data) {
      options.signal?.throwIfAborted()
      rawBytes += data.length
      for (let at = 0; at < data.length;) {
        if (filled === PIECE) await flush(false)
        const part = data.subarray(at, at + PIECE - filled)
        room.set(part, filled)
        filled += part.length
        at += part.length
      }
    },
    async close() {
      await flush(true)
      const trailer = Buffer.alloc(8)
      trailer.writeUInt32LE(crc, 0)
      trailer.writeUInt32LE(rawBytes % 2 ** 32, 4)
      await put(trailer)
      options.signal?.throwIfAborted()
      await early.end()
      await leave()
      try {
        await publishWhole(temporary, to)
      } finally {
        await rm(temporary, { force: true })
      }
      return { bytes, rawBytes, sha256: hash.digest('hex') }
    },
    async abort() {
      if (over) return
      await leave()
      await rm(temporary, { force: true })
    },
  }
}
