import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { statePaths } from '../core/paths.ts'
import { codeOf, readJson, readText, writeWhole } from '../world/files.ts'
import { isAlive, ownMark } from '../world/identity.ts'
import type { ProcessMark } from '../world/identity.ts'
import { withShortLock } from '../world/short-lock.ts'

/** A backup that a run reads, in `.knowngood/in-use/`: one file for each backup and run. */
type Lease = ProcessMark & { backup: string; run: string }

/** Marks a backup as in use by this process's run, so that it is not deleted meanwhile. `release` takes the mark away. */
export async function markInUse(root: string, backup: string, run: string): Promise<void> {
  const lease: Lease = { backup, run, ...ownMark() }
  await guarded(root, () => writeWhole(leasePath(root, backup, run), `${JSON.stringify(lease)}\n`))
}

/** Takes back what `markInUse` marked; nothing where there is no such mark. */
export async function releaseInUse(root: string, backup: string, run: string): Promise<void> {
  await rm(leasePath(root, backup, run), { force: true })
}

/** Every backup that is in use now, by its id, with the run that uses it. */
export async function backupsInUse(root: string): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const name of await readdir(folder(root)).catch(none)) {
    if (!name.endsWith('.json')) continue
    const path = join(folder(root), name)
    const lease = (await readJson(path).catch(() => null)) as Lease | null
    if (lease === null || typeof lease.backup !== 'string') continue
    if (await holds(root, lease)) found.set(lease.backup, lease.run)
    else await rm(path, { force: true })
  }
  return found
}

/**
 * Does `work` (removing the backup) unless somebody uses it: then it gives the run that does, and nothing was done.
 * Nobody can begin to use it meanwhile.
 */
export async function unlessInUse(root: string, backup: string, work: () => Promise<void>): Promise<string | null> {
  return guarded(root, async () => {
    const by = (await backupsInUse(root)).get(backup) ?? null
    if (by === null) await work()
    return by
  })
}

/** A run that was killed still needs its backup, until it is settled: its journal has no end. */
async function holds(root: string, lease: Lease): Promise<boolean> {
  if (isAlive(lease)) return true
  const journal = await readText(statePaths(root).journal(lease.run))
  return journal !== null && !/"k":"end"[^\n]*\n?$/.test(journal)
}

function guarded<T>(root: string, work: () => Promise<T>): Promise<T> {
  return withShortLock(statePaths(root).shortLock('in-use'), work)
}

function folder(root: string): string {
  return join(statePaths(root).home, 'in-use')
}

/** Ids come from file names of strangers: as hex they stay one plain name. */
function leasePath(root: string, backup: string, run: string): string {
  return join(folder(root), `${Buffer.from(backup).toString('hex').slice(0, 160)}.${run}.json`)
}

function none(error: unknown): string[] {
  if (codeOf(error) === 'ENOENT') return []
  throw error
}
