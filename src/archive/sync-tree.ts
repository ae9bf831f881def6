import { constants } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { messageOf, StepFailed } from '../core/failure.ts'
import { execute } from '../world/exec.ts'
import { codeOf } from '../world/files.ts'
import { joinBytes } from './tree-path.ts'

const PATIENCE = 600_000

/** Makes everything below a folder durable: by one sync of its file system where that can be had, else file by file. */
export async function syncTree(root: string): Promise<void> {
  if (!(await syncVolume(root))) await syncEach(Buffer.from(root))
}

/** Brings all that was written to the file system of a folder to the disk; false where `sync -f` is not known. */
export async function syncVolume(folder: string): Promise<boolean> {
  try {
    await execute({ argv: ['sync', '-f', folder], idleMs: 0, timeoutMs: PATIENCE })
    return true
  } catch (error) {
    const said = [messageOf(error), ...(error instanceof StepFailed ? error.output : [])].join('\n')
    // A disk that fails must not be asked again: it reports an error only once.
    if (!/not found|option|usage/i.test(said)) throw error
    return false
  }
}

async function syncEach(path: Buffer): Promise<void> {
  for (const entry of await readdir(path, { withFileTypes: true, encoding: 'buffer' })) {
    const inner = joinBytes(path, entry.name)
    if (entry.isDirectory()) await syncEach(inner)
    else if (entry.isFile()) await syncOne(inner)
  }
  await syncOne(path)
}

async function syncOne(path: Buffer): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    await handle.sync()
  } catch (error) {
    // A file system that knows no sync of folders.
    if (!['EINVAL', 'ENOTSUP'].includes(codeOf(error) ?? '')) throw error
  } finally {
    await handle.close()
  }
}
