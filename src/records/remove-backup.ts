import { rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { BackupRecord } from '../core/backup.ts'
import { codeOf, exists, refuseSymlink, syncFolder } from '../world/files.ts'
import { archiveRecordPath } from './archive-record.ts'

/**
 * Removes one of our own backups with its record, and gives the paths that are gone. Each file is renamed first, so that
 * a crash between leaves nothing that still looks like a backup. What is gone already is passed over.
 */
export async function removeBackup(root: string, backup: Pick<BackupRecord, 'path' | 'origin'>): Promise<string[]> {
  if (backup.origin !== 'knowngood') throw new Error(`${backup.path} was not made by Knowngood and is left as it is`)
  const record = backup.path.endsWith('.zip') ? [archiveRecordPath(backup.path)] : []
  const removed: string[] = []
  for (const path of [backup.path, ...record]) if (await removeOne(join(root, path))) removed.push(path)
  return removed
}

async function removeOne(path: string): Promise<boolean> {
  const aside = join(dirname(path), `.deleting-${basename(path)}`.slice(0, 255))
  try {
    await refuseSymlink(path)
    const there = await exists(path)
    if (there) await rename(path, aside)
    await rm(aside, { force: true })
    if (there) await syncFolder(dirname(path))
    return there
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
}
