import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { publishNew } from '../world/files.ts'

/**
 * Syncs a finished temporary and gives it its final name in the same folder. Never over something that stands there. `meanwhile` is
 * done while it comes to the disk.
 */
export async function publishWhole(
  temporary: string,
  final: string,
  meanwhile: () => void = () => undefined,
): Promise<void> {
  const handle = await open(temporary, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    await Promise.all([handle.sync(), (async () => meanwhile())()])
  } finally {
    await handle.close()
  }
  if (!(await publishNew(temporary, final))) throw new Error(`${final} exists already and is left as it is`)
}
