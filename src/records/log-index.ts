import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { DeployLogEntry } from '../core/facts.ts'
import { byNewest, logDate, readDeployLog } from '../core/read-deploy-log.ts'
import { codeOf, writeWhole } from '../world/files.ts'
import { sweepTemporaries } from '../world/leftovers.ts'
import { turnTaker } from '../world/turn.ts'
import { openReadingCache } from './reading-cache.ts'

/** Raised whenever the reader learns more, so that what an older one read is read again. */
const READER = '2'
const LONGEST = 262_144

/** Every deploy log of the folder (relative to the root), newest first. Only logs that changed are opened. */
export async function readLogs(root: string, dir: string): Promise<DeployLogEntry[]> {
  const [entries, cache] = await Promise.all([
    listed(join(root, dir)),
    openReadingCache<DeployLogEntry>(root, cacheName(dir), { learnt: READER }),
  ])
  const logs: DeployLogEntry[] = []
  const turn = turnTaker()
  for (const entry of entries) {
    const { name } = entry
    if (!entry.isFile() || !/\.md$/i.test(name) || logDate(name) === null) continue
    const path = `${dir}/${name}`
    try {
      logs.push(
        cache.kept(path) ??
          (await cache.read(path, (look) => {
            look(path)
            return readDeployLog(name, readStart(join(root, path)))
          })),
      )
    } catch {
      // It vanished or may not be read: one bad file hides no other.
    }
    await turn()
  }
  await cache.save()
  return logs.toSorted(byNewest)
}

function cacheName(dir: string): string {
  return `logs-${dir.replaceAll(/[^\w-]/g, (sign) => `.${sign.codePointAt(0)?.toString(16)}.`)}`
}

/** Writes `index.json` beside the logs: one summary each, newest first. The same logs give the same bytes. */
export async function writeLogIndex(root: string, dir: string): Promise<{ path: string; logs: number }> {
  await sweepTemporaries(join(root, dir))
  const logs = await readLogs(root, dir)
  const path = join(dir, 'index.json')
  await writeWhole(join(root, path), `${JSON.stringify({ schema: 1, logs }, null, 2)}\n`, { mode: 0o644 })
  return { path, logs: logs.length }
}

async function listed(folder: string) {
  return readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return []
    throw error
  })
}

/** The beginning of a log. Small files are read several times faster in line than through the pool. */
function readStart(path: string): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const buffer = Buffer.allocUnsafe(Math.min(LONGEST, fstatSync(file).size))
    return buffer.toString('utf8', 0, readSync(file, buffer, 0, buffer.length, 0))
  } finally {
    closeSync(file)
  }
}
