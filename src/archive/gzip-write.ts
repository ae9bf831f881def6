import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createGzip } from 'node:zlib'
import { makeFolder, temporaryBeside } from '../world/files.ts'
import { sweepTemporaries } from '../world/leftovers.ts'
import { publishWhole } from './publish.ts'

/** A `.gz` in the making. Nothing stands under its name before `close` has returned. */
export type GzipSink = {
  /** The temporary name it has until then. */
  temporary: string
  /** Takes bytes, in order; await it before the next. The buffer is the sink's own until then. Throws when the disk does. */
  write(data: Buffer): Promise<void>
  /** Ends, syncs and publishes it. `bytes` and `sha256` are the file's, `rawBytes` what was written. Never over a name that is taken. */
  close(): Promise<{ bytes: number; rawBytes: number; sha256: string }>
  /** Leaves nothing. May be called at any time, after `close` too, where it does nothing. */
  abort(): Promise<void>
}

export type GzipOptions = { level?: number; signal?: AbortSignal | undefined }

const LEVEL = 4

/** Opens a `.gz` (RFC 1952, one member, no name and no time in it) that any gunzip opens. */
export async function writeGzip(to: string, options: GzipOptions = {}): Promise<GzipSink> {
  await makeFolder(dirname(to))
  await sweepTemporaries(dirname(to))
  const temporary = temporaryBeside(to)
  const handle = await open(temporary, 'wx', 0o600)
  const hash = createHash('sha256')
  const gzip = createGzip({ level: options.level ?? LEVEL, chunkSize: 1 << 18 })
  let bytes = 0
  let rawBytes = 0
  let over = false
  const writing = (async () => {
    for await (const chunk of gzip) {
      hash.update(chunk as Buffer)
      bytes += (chunk as Buffer).length
      await handle.writeFile(chunk as Buffer)
    }
  })()
  writing.catch(() => undefined)
  return {
    temporary,
    async write(data) {
      options.signal?.throwIfAborted()
      rawBytes += data.length
      if (!gzip.write(Buffer.from(data))) await Promise.race([once(gzip, 'drain'), writing])
    },
    async close() {
      gzip.end()
      await writing
      await handle.close()
      options.signal?.throwIfAborted()
      await publishWhole(temporary, to)
      over = true
      return { bytes, rawBytes, sha256: hash.digest('hex') }
    },
    async abort() {
      if (over) return
      over = true
      gzip.destroy()
      await writing.catch(() => undefined)
      await handle.close().catch(() => undefined)
      await rm(temporary, { force: true })
    },
  }
}
