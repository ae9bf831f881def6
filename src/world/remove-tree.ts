import { chmod, lstat, readdir, rm } from 'node:fs/promises'
import { codeOf } from './files.ts'

const SLASH = Buffer.from('/')

/**
 * Removes a file, or a folder with all that is in it; nothing there is fine, and links are removed, never followed. Folders
 * that not even their owner may write to are opened first: only root removes what is in them as they are.
 */
export async function removeTree(path: string): Promise<void> {
  const options = { recursive: true, force: true, maxRetries: 3 } as const
  try {
    await rm(path, options)
  } catch (error) {
    if (!['EACCES', 'EPERM'].includes(codeOf(error) ?? '')) throw error
    await openFolders(Buffer.from(path))
    await rm(path, options)
  }
}

/** Removes a place when `work` is done with it. What `work` throws is not hidden by what the removal has to say. */
export async function removedAfter<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work()
    await removeTree(path)
    return result
  } catch (error) {
    await removeTree(path).catch(() => undefined)
    throw error
  }
}

/** Lets the owner into every folder of a tree. One that cannot be opened, or is gone, is told of by the removal. */
async function openFolders(path: Buffer): Promise<void> {
  try {
    const stat = await lstat(path)
    if (!stat.isDirectory()) return
    if ((stat.mode & 0o700) !== 0o700) await chmod(path, (stat.mode & 0o7777) | 0o700)
    for (const entry of await readdir(path, { withFileTypes: true, encoding: 'buffer' }))
      if (entry.isDirectory()) await openFolders(Buffer.concat([path, SLASH, entry.name]))
  } catch {
    // Left as it is.
  }
}
