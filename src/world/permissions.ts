import { access, constants, lstat, open, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { codeOf, makeFolder, temporaryBeside } from './files.ts'

/** What stands at a path; a link is not followed. */
export async function kindAt(path: string): Promise<'nothing' | 'link' | 'folder' | 'file' | 'other'> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    // Below a file there is nothing either.
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
    throw error
  })
  if (found === null) return 'nothing'
  if (found.isSymbolicLink()) return 'link'
  if (found.isDirectory()) return 'folder'
  return found.isFile() ? 'file' : 'other'
}

/** Whether files may be made in this folder by whoever runs this. */
export async function mayWriteIn(folder: string): Promise<boolean> {
  return await allowed(folder, constants.W_OK | constants.X_OK)
}

/** Whether a program is there, links followed, and may be started. */
export async function programAt(path: string): Promise<'nothing' | 'forbidden' | 'ready'> {
  if ((await stat(path).catch(() => null))?.isFile() !== true) return 'nothing'
  return (await allowed(path, constants.X_OK)) ? 'ready' : 'forbidden'
}

/** Whether bytes really get into a folder, made when it is not there: written and synced, and removed again. */
export async function takesBytes(folder: string): Promise<boolean> {
  const probe = temporaryBeside(join(folder, 'probe'))
  try {
    await makeFolder(folder)
    const handle = await open(probe, 'wx', 0o600)
    try {
      await handle.writeFile(Buffer.alloc(65_536, 1))
      await handle.sync()
    } finally {
      await handle.close()
    }
    return true
  } catch {
    return false
  } finally {
    await rm(probe, { force: true }).catch(() => undefined)
  }
}

/** Whether lines can be added to a file; for one that is not there, whether it could be made. */
export async function takesLines(file: string): Promise<boolean> {
  try {
    await (await open(file, constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW)).close()
    return true
  } catch (error) {
    return codeOf(error) === 'ENOENT' && (await takesBytes(dirname(file)))
  }
}

async function allowed(path: string, mode: number): Promise<boolean> {
  return await access(path, mode).then(
    () => true,
    () => false,
  )
}
