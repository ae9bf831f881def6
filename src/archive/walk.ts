import type { Stats } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { codeOf } from '../world/files.ts'

/** A thing in a tree. `path` are the raw bytes of its path below the root: names need not be UTF-8. */
export type TreeEntry = { path: Buffer; stat: Stats }

const SLASH = Buffer.from('/')

export function joinBytes(folder: Buffer, name: Buffer): Buffer {
  return folder.length === 0 ? name : Buffer.concat([folder, SLASH, name])
}

/**
 * Everything under `start` (the root itself when empty), folders before what they hold, in the order of their bytes. Links
 * are not followed. What vanishes meanwhile is passed over; what may not be read throws.
 */
export async function* walk(
  root: Buffer,
  start: Buffer,
  leaveOut: (path: string) => boolean,
): AsyncGenerator<TreeEntry> {
  const stat = await look(joinBytes(root, start))
  if (stat === null) return
  if (start.length > 0) yield { path: start, stat }
  if (!stat.isDirectory()) return
  const names = await readdir(joinBytes(root, start), { encoding: 'buffer' }).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  })
  for (const name of names.toSorted((a, b) => Buffer.compare(a, b))) {
    const path = joinBytes(start, name)
    if (!leaveOut(path.toString('utf8'))) yield* walk(root, path, leaveOut)
  }
}

async function look(path: Buffer): Promise<Stats | null> {
  return lstat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  })
}
