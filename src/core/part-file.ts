import { resolve } from 'node:path'
import type { BackupRecord, Part } from './backup.ts'
import { KINDS } from './kinds.ts'

/** Where a part's file stands, absolute: inside the backup's folder, or counted from the root where the kind has none. */
export function partFile(root: string, backup: Pick<BackupRecord, 'kind' | 'path'>, part: Pick<Part, 'path'>): string {
  return KINDS[backup.kind].shape === 'folder' ? resolve(root, backup.path, part.path) : resolve(root, part.path)
}
