import { rename } from 'node:fs/promises'
import { openedFolder } from './opened-folder.ts'

/**
 * Renames a file or a folder to another folder. One that may not be written to is opened for that: its own `..` changes, and
 * only root may do that as it is.
 */
export async function moveTree(from: string, to: string): Promise<void> {
  await openedFolder(from, () => rename(from, to))
}
