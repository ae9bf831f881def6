import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { publishNew } from '../world/files.ts'

/** Syncs a finished temporary and gives it its final name in the same folder. Never over something that stands there. */
export async function publishWhole(temporary: string, final: string): Promise<void> {
  const handle = await open(temporary, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
  if (!(await publishNew(temporary, final))) throw new Error(`${final} exists already and is left as it is`)
}
