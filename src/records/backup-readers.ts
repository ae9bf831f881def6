import { join } from 'node:path'
import type { BackupRecord, ListedBackup } from '../core/backup.ts'
import { backupName, foundArchive, readPointer } from '../core/found-backup.ts'
import type { NamedFile } from '../core/found-backup.ts'
import { archiveRecordPath, readArchiveRecord } from './archive-record.ts'
import { readPlain, sha256Text } from './read-plain.ts'
import type { Look } from './reading-cache.ts'
import { zipFlaw } from './zip-flaw.ts'

/** A backup as it stands on disk, before any proof is laid beside it. */
export type Found = { record: BackupRecord; state: ListedBackup['state']; because: string | null }

/** What was read, and the id its file's own name gives it. */
export type Named = Found & { name: string }

/** What stands in a backup folder; `beside` are the names of everything else in it. */
export type Entry = { name: string; folder: boolean; beside: Pick<ReadonlySet<string>, 'has'> }

/**
 * How one kind of entry is read. `takes` goes by names alone, its own and what it asks `beside`, and says what is to be
 * read (null: not this reader's).
 * Whatever `read` depends on it asks `look` about, before it opens it: what it gives is kept until any of that
 * changes. Null: no backup after all. Paths are relative to the root.
 */
export type BackupReader = {
  takes(entry: Entry): NamedFile | null
  read(root: string, path: string, name: NamedFile, look: Look): Found | null | Promise<Found | null>
}

/** Raised whenever a reader learns more: what older ones read is then read again. */
export const READERS = '5'

/** Whether every file stands with its size; one whose size nobody wrote down (-1) only has to be there. */
export function standing(
  files: readonly { file: string; path: string; bytes: number }[],
  look: Look,
): Pick<Found, 'state' | 'because'> {
  for (const { file, path, bytes } of files) {
    const stat = look(file)
    if (stat === undefined) return { state: 'missing', because: `${path} is gone` }
    if (bytes >= 0 && stat.size !== bytes)
      return { state: 'damaged', because: `${path} has ${stat.size} bytes; its record says ${bytes}` }
  }
  return { state: 'ok', because: null }
}

const pointer: BackupReader = {
  takes: ({ name, folder }) => (!folder && name.endsWith('.json') ? backupName(name) : null),
  read(root, path, name, look) {
    const stat = look(path)
    const text = readPlain(root, path)
    const { record, damaged } = readPointer(text, name, {
      path,
      bytes: Buffer.byteLength(text),
      digest: sha256Text(text),
      modified: name.at ?? (stat?.mtime ?? new Date(0)).toISOString(),
    })
    if (damaged !== null) return { record, state: 'damaged', because: damaged }
    return {
      record,
      ...standing(
        record.parts.map((part) => ({ ...part, file: part.path })),
        look,
      ),
    }
  },
}

const archive: BackupReader = {
  takes: ({ name, folder }) => (!folder && name.endsWith('.zip') ? backupName(name) : null),
  async read(root, path, name, look) {
    const stat = look(path)
    const size = stat?.size ?? 0
    const file = { path, bytes: size, digest: '', modified: (stat?.mtime ?? new Date(0)).toISOString() }
    look(archiveRecordPath(path))
    const [record, flaw] = await Promise.all([readArchiveRecord(root, path), zipFlaw(join(root, path))])
    if (record === null)
      return { record: foundArchive(name, file), state: flaw === null ? 'ok' : 'damaged', because: flaw }
    if (typeof record === 'string') return { record: foundArchive(name, file), state: 'damaged', because: record }
    const changed = record.bytes === size ? flaw : `it has ${size} bytes; its record says ${record.bytes}`
    return { record, state: changed === null ? 'ok' : 'damaged', because: changed }
  },
}

/** A record whose archive is gone. */
const orphan: BackupReader = {
  takes({ name, folder, beside }) {
    const zip = !folder && name.endsWith('.json') ? `${name.slice(0, -5)}.zip` : ''
    return zip === '' || beside.has(zip) ? null : backupName(zip)
  },
  async read(root, path, _name, look) {
    look(path)
    const zip = `${path.slice(0, -5)}.zip`
    const record = await readArchiveRecord(root, zip)
    if (record === null || typeof record === 'string') return null
    return { record, state: 'missing', because: `${zip} is gone` }
  },
}

/** Records and archives of quick, full, site and prod; the first that takes an entry reads it. */
export const plainReaders: readonly BackupReader[] = [pointer, archive, orphan]
