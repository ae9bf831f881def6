import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

/** SHA-256 of a file's bytes, in hex. A link, a folder or a pipe is refused. `onBytes` is told how many were read so far. */
export async function sha256File(
  path: string,
  onBytes?: (done: number, total: number) => void,
  signal?: AbortSignal,
): Promise<string> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const stat = await handle.stat()
    if (!stat.isFile()) throw new Error(`${path} is not a plain file`)
    const hash = createHash('sha256')
    const buffer = Buffer.allocUnsafe(1 << 20)
    for (let at = 0; ;) {
      signal?.throwIfAborted()
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at)
      if (bytesRead === 0) return hash.digest('hex')
      hash.update(buffer.subarray(0, bytesRead))
      at += bytesRead
      onBytes?.(at, stat.size)
    }
  } finally {
    await handle.close()
  }
}
