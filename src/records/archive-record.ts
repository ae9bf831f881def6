import { join } from 'node:path'
import type { BackupRecord, Part } from '../core/backup.ts'
import { readText, writeWhole } from '../world/files.ts'

/** The record of an archive stands beside it: `backups/prod-2025-11-21.zip` has `backups/prod-2025-11-21.json`. */
export function archiveRecordPath(archive: string): string {
  return archive.replace(/\.zip$/, '.json')
}

/** Writes the record beside the archive its `path` names (relative to the root). */
export async function writeArchiveRecord(root: string, record: BackupRecord): Promise<void> {
  await writeWhole(join(root, archiveRecordPath(record.path)), `${JSON.stringify(record, null, 2)}\n`)
}

/** The record beside an archive; null without one, a reason when it does not hold. */
export async function readArchiveRecord(root: string, archive: string): Promise<BackupRecord | string | null> {
  const text = await readText(join(root, archiveRecordPath(archive)))
  const record = text === null ? null : asRecord(text)
  return record === null || typeof record === 'string' ? record : { ...record, path: archive }
}

/** The text of a record; a reason when it does not hold. */
export function asRecord(text: string): BackupRecord | string {
  try {
    const value = JSON.parse(text) as Partial<BackupRecord>
    const words = [value.id, value.kind, value.at, value.path, value.digest]
    if (value.schema !== 1 || !words.every((word) => typeof word === 'string')) return 'its record is incomplete'
    if (typeof value.bytes !== 'number' || !Array.isArray(value.parts)) return 'its record is incomplete'
    const named = (part: Partial<Part> | null) =>
      typeof part?.path === 'string' && typeof part.source === 'string' && typeof part.use === 'string'
    return value.parts.every(named) ? (value as BackupRecord) : 'its record is incomplete'
  } catch {
    return 'its record is not valid JSON'
  }
}
