import { createHash } from 'node:crypto'
import { constants, lstatSync } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import type { DeployLogEntry } from '../core/facts.ts'
import { statePaths } from '../core/paths.ts'
import { byNewest, logDate, readDeployLog } from '../core/read-deploy-log.ts'
import { codeOf, exists, readText, writeWhole } from '../world/files.ts'
import { sweepTemporaries } from '../world/leftovers.ts'

/** What was read of one log, good as long as its stamp (size and times) is the same. */
type Cached = Record<string, { stamp: string; entry: DeployLogEntry }>

/** Raised whenever the reader learns more, so that what an older one read is read again. */
const READER = 1
const LONGEST = 262_144

/** Every deploy log of the folder (relative to the root), newest first. Only logs that changed are opened. */
export async function readLogs(root: string, dir: string): Promise<DeployLogEntry[]> {
  const names = (await listed(join(root, dir))).filter((name) => /\.md$/i.test(name) && logDate(name) !== null)
  const cacheFile = join(
    statePaths(root).cache,
    `logs-${createHash('sha256').update(dir).digest('hex').slice(0, 8)}.json`,
  )
  const before = await readCache(cacheFile)
  const after: Cached = {}
  let fresh = 0
  for (const name of names) {
    const path = join(root, dir, name)
    const stat = lstatSync(path, { throwIfNoEntry: false })
    if (!stat?.isFile()) continue
    const stamp = `${stat.size}:${stat.mtimeMs}:${stat.ctimeMs}:${stat.ino}`
    const known = Object.hasOwn(before, name) ? before[name] : undefined
    if (known?.stamp === stamp) after[name] = known
    else {
      const text = await readStart(path)
      if (text === null) continue
      after[name] = { stamp, entry: readDeployLog(name, text) }
      fresh += 1
      if (fresh % 50 === 0) await breathe()
    }
  }
  if (fresh > 0 || Object.keys(before).length !== Object.keys(after).length) {
    // A cache: where it cannot be kept, the logs are simply read again next time. Looking at a project for the first
    // time leaves nothing behind.
    if (await exists(statePaths(root).home))
      await writeWhole(cacheFile, JSON.stringify({ reader: READER, logs: after })).catch(() => undefined)
  }
  return Object.values(after)
    .map((cached) => cached.entry)
    .toSorted(byNewest)
}

/** Writes `index.json` beside the logs: one summary each, newest first. The same logs give the same bytes. */
export async function writeLogIndex(root: string, dir: string): Promise<{ path: string; logs: number }> {
  await sweepTemporaries(join(root, dir))
  const logs = await readLogs(root, dir)
  const path = join(dir, 'index.json')
  await writeWhole(join(root, path), `${JSON.stringify({ schema: 1, logs }, null, 2)}\n`, { mode: 0o644 })
  return { path, logs: logs.length }
}

async function listed(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return []
    throw error
  })
}

async function readCache(file: string): Promise<Cached> {
  try {
    const value = JSON.parse((await readText(file)) ?? '{}') as { reader?: number; logs?: Cached }
    return value.reader === READER && value.logs ? value.logs : {}
  } catch {
    return {}
  }
}

/** The beginning of a log; null when it vanished or may not be read, so that one bad file hides no other. */
async function readStart(path: string): Promise<string | null> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => null)
  if (handle === null) return null
  try {
    const buffer = Buffer.alloc(LONGEST)
    const { bytesRead } = await handle.read(buffer, 0, LONGEST, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await handle.close()
  }
}
