import { chmod, constants, lstat, open, rename } from 'node:fs/promises'
import { codeOf, syncHandle } from './files.ts'

/**
 * Renames a file or a folder to another folder. A folder that may not be written to is opened for that, and has its mode again
 * when it is there: its own `..` changes, and only root may do that as it is.
 */
export async function moveTree(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    const stat = await lstat(from)
    if (codeOf(error) !== 'EACCES' || !stat.isDirectory()) throw error
    const mode = stat.mode & 0o7777
    await chmod(from, mode | 0o700)
    const folder = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW)
    try {
      await rename(from, to)
    } finally {
      await folder.chmod(mode)
      await syncHandle(folder)
      await folder.close()
    }
  }
}
