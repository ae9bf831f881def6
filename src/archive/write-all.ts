import type { FileHandle } from 'node:fs/promises'

/** Writes all of it: a short write is continued, a full disk throws. */
export async function writeAll(to: FileHandle, data: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < data.length;) {
    const { bytesWritten } = await to.write(data, done, data.length - done, position + done)
    done += bytesWritten
  }
}
