import { readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { type Holding, pathsOf } from '../core/backup-paths.ts'
import type { BackupKind, BackupRecord } from '../core/backup.ts'
import { KINDS } from '../core/kinds.ts'
import { statePaths } from '../core/paths.ts'
import { codeOf, exists, readJson, refuseSymlink, syncFolder, writeWhole } from '../world/files.ts'
import { removeTree } from '../world/remove-tree.ts'
import { writeSums } from './publish-archive.ts'

type Removable = Pick<BackupRecord, 'id' | 'origin'> & Holding
type Intent = { kind: BackupKind; paths: string[] }

/**
 * Removes one of our own backups with everything that belongs to it, and gives the paths that are gone. Written down first and renamed
 * before it is removed, so that a crash leaves nothing that looks like a backup and `finishRemovals` can end it. A baseline is never removed;
 * one that somebody else made only when `others` is set.
 */
export async function removeBackup(
  root: string,
  backup: Removable,
  options: { others?: boolean } = {},
): Promise<string[]> {
  const { kind, path, origin } = backup
  if (kind === 'baseline') throw new Error(`${path} is a baseline and is never removed`)
  if (origin !== 'knowngood' && options.others !== true)
    throw new Error(`${path} was not made by Knowngood and is left as it is`)
  const paths = pathsOf(backup)
  const intent = join(statePaths(root).deleting, `${backup.id.replaceAll(/[^\w.-]/g, '_').slice(0, 120)}.json`)
  await writeWhole(intent, JSON.stringify({ kind, paths } satisfies Intent))
  const removed = await removePaths(root, { kind, paths })
  await rm(intent, { force: true })
  return removed
}

/** Ends removals that were cut short. */
export async function finishRemovals(root: string): Promise<void> {
  const folder = statePaths(root).deleting
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^[^.].*\.json$/.test(name))
  for (const name of names) {
    const intent = (await readJson(join(folder, name)).catch(() => null)) as Intent | null
    if (intent === null || !Array.isArray(intent.paths)) continue
    // A folder was renamed at once: what stands under its name now is a new one.
    if (KINDS[intent.kind].shape === 'folder')
      for (const path of intent.paths) await removeTree(aside(resolve(root, path)))
    else await removePaths(root, intent)
    await rm(join(folder, name), { force: true })
  }
}

async function removePaths(root: string, { kind, paths }: Intent): Promise<string[]> {
  const removed: string[] = []
  for (const path of paths) if (await removeOne(resolve(root, path))) removed.push(path)
  const [first] = paths
  if (kind === 'bundle' && first !== undefined) await writeSums(root, dirname(first))
  return removed
}

const aside = (path: string) => join(dirname(path), `.deleting-${basename(path)}`.slice(0, 255))

async function removeOne(path: string): Promise<boolean> {
  try {
    await refuseSymlink(path)
    const there = await exists(path)
    if (there) await rename(path, aside(path))
    await removeTree(aside(path))
    if (there) await syncFolder(dirname(path))
    return there
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
}
