import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { removeTree } from './remove-tree.ts'

const TEMPORARY = /^\.knowngood-(\d+)-[0-9a-f]{12}\.tmp$/
/** One still being written on another machine looks abandoned from here, but it is not an hour old. */
const SETTLED = 3_600_000

/** Removes temporaries in a folder whose process was killed before it could. What cannot be removed is left. */
export async function sweepTemporaries(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names) {
    const pid = Number(TEMPORARY.exec(name)?.[1] ?? Number.NaN)
    if (Number.isNaN(pid) || isAlive(pid)) continue
    const path = join(folder, name)
    const stat = await lstat(path).catch(() => null)
    if (stat === null || Date.now() - stat.mtimeMs < SETTLED) continue
    await removeTree(path).catch(() => undefined)
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
