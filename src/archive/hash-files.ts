import { join } from 'node:path'
import { sha256File } from './checksum.ts'

/** A file's SHA-256 in hex, and how many bytes it was made of. */
export type FileDigest = { sha256: string; bytes: number }

export type HashOptions = { onBytes?: ((done: number) => void) | undefined; signal?: AbortSignal | undefined }

/**
 * SHA-256 of many files below `root`, several at a time. `onBytes` is told how many bytes of all of them were read. Paths that are
 * not there are missing from the answer; a link, a folder or a pipe throws.
 */
export async function hashFiles(
  root: string,
  paths: readonly string[],
  { onBytes, signal }: HashOptions = {},
): Promise<Map<string, FileDigest>> {
  const found = new Map<string, FileDigest>()
  let done = 0
  for (const path of paths) {
    let bytes = 0
    try {
      const sha256 = await sha256File(
        join(root, path),
        (read) => {
          done += read - bytes
          bytes = read
          onBytes?.(done)
        },
        signal,
      )
      found.set(path, { sha256, bytes })
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    }
  }
  return found
}
