import { chmod, constants, lstat, open } from 'node:fs/promises'
import { codeOf, syncHandle } from './files.ts'

/**
 * Does something to a folder that not even its owner may write to: it is opened for that, and has its mode again afterwards,
 * wherever it is then. Only what is refused is tried again, so the work must leave nothing behind when it is.
 */
export async function openedFolder<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (codeOf(error) !== 'EACCES') throw error
    const stat = await lstat(path)
    if (!stat.isDirectory()) throw error
    const mode = stat.mode & 0o7777
    // A folder that cannot even be read cannot be held before it is opened.
    await chmod(path, mode | 0o700)
    const folder = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
    try {
      return await work()
    } finally {
      await folder.chmod(mode)
      await syncHandle(folder)
      await folder.close()
    }
  }
}
