import { resolve } from 'node:path'
import { openPool } from './pool.ts'
import { watchCount } from './watch-count.ts'

/** A file's SHA-256 in hex, and how many bytes it was made of. */
export type FileDigest = { sha256: string; bytes: number }

export type HashOptions = {
  onBytes?: ((done: number) => void) | undefined
  signal?: AbortSignal | undefined
  /** Workers at most; 0 is none. Default: one a core. */
  threads?: number | undefined
}

/**
 * SHA-256 of many files below `root`, several at a time. `onBytes` is told how many bytes of all of them were read. Paths that are
 * not there are missing from the answer; a link, a folder or a pipe throws.
 */
export async function hashFiles(
  root: string,
  paths: readonly string[],
  { onBytes, signal, threads }: HashOptions = {},
): Promise<Map<string, FileDigest>> {
  signal?.throwIfAborted()
  const pool = openPool(signal, threads, true)
  const watch = watchCount(pool, onBytes)
  try {
    // Few at a time while there are few, so that one long file does not hold up others.
    const share = Math.min(64, Math.max(1, Math.floor(paths.length / (pool.width * 8))))
    const jobs: Promise<(FileDigest | null)[]>[] = []
    for (let at = 0; at < paths.length; at += share) {
      const full = paths.slice(at, at + share).map((path) => Buffer.from(resolve(root, path)).toString('latin1'))
      jobs.push(pool.run('hash', { paths: full }, { brief: true }))
    }
    const digests = (await Promise.all(jobs)).flat()
    return new Map(paths.flatMap((path, index) => (digests[index] ? [[path, digests[index]]] : [])))
  } finally {
    watch.end()
    await pool.end()
  }
}
