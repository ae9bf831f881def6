import { createHash } from 'node:crypto'
import { constants, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BackupRecord, ListedBackup } from '../core/backup.ts'
import { backupName, foundArchive, readPointer } from '../core/found-backup.ts'
import type { NamedFile } from '../core/found-backup.ts'
import { archiveRecordPath, readArchiveRecord } from './archive-record.ts'
import type { Look } from './reading-cache.ts'
import { zipFlaw } from './zip-flaw.ts'

/** A backup as it stands on disk, before any proof is laid beside it. */
export type Found = { record: BackupRecord; state: ListedBackup['state']; because: string | null }

/** What stands in a backup folder; `beside` are the names of everything else in it. */
export type Entry = { name: string; folder: boolean; beside: ReadonlySet<string> }

/**
 * How one kind of entry is read. `takes` goes by names alone and says what is to be read (null: not this reader's).
 * Whatever `read` depends on it asks `look` about, before it opens it: what it gives is kept until any of that
 * changes. Null: no backup after all. Paths are relative to the root.
 */
export type BackupReader = {
  takes(entry: Entry): NamedFile | null
  read(root: string, path: string, name: NamedFile, look: Look): Found | null | Promise<Found | null>
}

/** Raised whenever a reader learns more: what older ones read is then read again. */
export const READERS = '2'

const pointer: BackupReader = {
  takes: ({ name, folder }) => (!folder && name.endsWith('.json') ? backupName(name) : null),
  read(root, path, name, look) {
    const stat = look(path)
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
    // Small files are read several times faster in line than through the pool.
    const bytes = readFileSync(join(root, path), { flag: flags as unknown as string })
    const { record, damaged, exportPath } = readPointer(bytes.toString('utf8'), name, {
      path,
      bytes: bytes.length,
      digest: createHash('sha256').update(bytes).digest('hex'),
      modified: name.at ?? (stat?.mtime ?? new Date(0)).toISOString(),
    })
    if (damaged !== null) return { record, state: 'damaged', because: damaged }
    const gone = exportPath !== null && look(exportPath) === undefined
    return { record, state: gone ? 'missing' : 'ok', because: gone ? `its export ${exportPath} is gone` : null }
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

/** The first that takes an entry reads it. */
export const backupReaders: readonly BackupReader[] = [pointer, archive, orphan]
