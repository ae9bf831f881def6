import { lstatSync } from 'node:fs'
import { readdir, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import { codeOf } from './files.ts'

/** Bytes an ordinary user may still write on the volume of a path, and the volume's size. The path need not exist yet. */
export async function freeSpace(path: string): Promise<{ free: number; total: number }> {
  try {
    const { bavail, blocks, bsize } = await statfs(path)
    return { free: bavail * bsize, total: blocks * bsize }
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error
    return freeSpace(dirname(path))
  }
}

/**
 * Bytes of all files below a folder, links not followed; 0 when it is not there. What vanishes meanwhile counts nothing.
 * Files whose sizes are known, by their whole path, are not looked at.
 */
export async function folderSize(path: string, known?: ReadonlyMap<string, number>): Promise<number> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(codeOf(error) ?? '')) return []
    throw error
  })
  let bytes = 0
  let sinceBreath = 0
  for (const entry of entries) {
    if (entry.isDirectory()) bytes += await folderSize(join(path, entry.name), known)
    else if (entry.isFile()) bytes += known?.get(`${path}/${entry.name}`) ?? sizeOf(`${path}/${entry.name}`)
    if ((sinceBreath += 1) % 500 === 0) await breathe()
  }
  return bytes
}

/** Bytes at a path, links not followed; null when nothing stands there. */
export async function sizeAt(path: string): Promise<number | null> {
  const found = lstatSync(path, { throwIfNoEntry: false })
  return found === undefined ? null : found.isDirectory() ? await folderSize(path) : found.size
}

function sizeOf(path: string): number {
  return lstatSync(path, { throwIfNoEntry: false })?.size ?? 0
}
