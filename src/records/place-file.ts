import { constants } from 'node:fs'
import { lstat, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { sha256File } from '../archive/checksum.ts'
import { codeOf, exists, makeFolder, publishNew } from '../world/files.ts'

/**
 * Gives a finished file its final name, the staged one staying until all is done where the file system knows hard links. False when
 * something else has that name, were it the same byte for byte. Doing it again is fine.
 */
export async function placeFile(staged: string, final: string, sha256: string): Promise<boolean> {
  if (await exists(final)) return isPlaced(staged, final, sha256)
  await makeFolder(dirname(final))
  const handle = await open(staged, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
  return publishNew(staged, final, { keep: true })
}

/** Takes a placed file back; one that is not what was staged is left alone. */
export async function unplaceFile(staged: string, final: string, sha256: string): Promise<void> {
  if (await isPlaced(staged, final, sha256)) await rm(final, { force: true })
}

/** Whether what has the final name is the very file that was staged: the same one, or what a rename left of it. */
async function isPlaced(staged: string, final: string, sha256: string): Promise<boolean> {
  const [one, other] = await Promise.all([look(staged), look(final)])
  if (other === null) return false
  if (one !== null) return one.ino === other.ino && one.dev === other.dev
  return (await sha256File(final).catch(() => null)) === sha256
}

async function look(path: string) {
  return lstat(path, { bigint: true }).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null
    throw error
  })
}
