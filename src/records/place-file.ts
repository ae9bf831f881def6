import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { sha256File } from '../archive/checksum.ts'
import { exists, makeFolder, publishNew } from '../world/files.ts'

/**
 * Gives a finished file its final name, the staged one staying until all is done where the file system knows hard links. False when
 * something else has that name. Doing it again is fine: what stands there with the same bytes is it.
 */
export async function placeFile(staged: string, final: string, sha256: string): Promise<boolean> {
  if (await exists(final)) return (await plainHash(final)) === sha256
  await makeFolder(dirname(final))
  const handle = await open(staged, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
  return publishNew(staged, final, { keep: true })
}

async function plainHash(path: string): Promise<string | null> {
  return sha256File(path).catch(() => null)
}
