import { access, constants, lstat, stat } from 'node:fs/promises'

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

async function allowed(path: string, mode: number): Promise<boolean> {
  return await access(path, mode).then(
    () => true,
    () => false,
  )
}
