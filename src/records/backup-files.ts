import { readdir } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { recordPath } from '../core/backup-names.ts'
import type { BackupRecord } from '../core/backup.ts'
import { KINDS } from '../core/kinds.ts'
import { partFile } from '../core/part-file.ts'
import { exists } from '../world/files.ts'

/** A file of a backup: its name below the backup, and where it stands, absolute. */
export type BackupFile = { path: string; file: string }

/** Every file a backup consists of, its record and its lists of checksums included; what is gone is left out. */
export async function backupFiles(
  root: string,
  backup: Pick<BackupRecord, 'kind' | 'path' | 'parts'>,
): Promise<BackupFile[]> {
  const at = resolve(root, backup.path)
  if (KINDS[backup.kind].shape === 'folder') return await below(at)
  const beside = backup.path.endsWith('.json')
    ? []
    : [`${at}.sha256`, resolve(root, recordPath(backup.kind, backup.path))]
  const files = [at, ...backup.parts.map((part) => partFile(root, backup, part)), ...beside]
  const here: BackupFile[] = []
  for (const file of new Set(files)) if (await exists(file)) here.push({ path: relative(join(at, '..'), file), file })
  return here.map(({ path, file }) => ({ path: path.startsWith('..') ? (path.split('/').at(-1) ?? path) : path, file }))
}

async function below(top: string): Promise<BackupFile[]> {
  const entries = await readdir(top, { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ path: relative(top, file), file }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
}
