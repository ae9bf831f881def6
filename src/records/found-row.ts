import type { BackupKind, BackupRecord } from '../core/backup.ts'
import type { Named } from './backup-readers.ts'
import type { Shape } from './kept-readings.ts'

/** The cells of a record that most have, then those that most lack: what is null at the end is not written. */
type Row = [
  id: string,
  kind: BackupKind,
  at: string,
  bytes: number,
  digest: string,
  commit?: string | null,
  commitSubject?: string | null,
  branch?: string | null,
  run?: string | null,
  operator?: string | null,
  notes?: string | null,
  schemaRevision?: string | null,
]

/** A whole backup of one file that goes by its name is a row: of ten thousand, nearly all are. Whatever says more is written as it is. */
export const foundRow: Shape<Named | null> = {
  write(found, path) {
    if (found === null || found.state !== 'ok' || found.because !== null || found.name !== found.record.id) return found
    const row = rowOf(found.record)
    return isSame(found.record, recordOf(row, path)) ? row : found
  },
  read: (written, path) =>
    Array.isArray(written)
      ? { record: recordOf(written as Row, path), state: 'ok', because: null, name: (written as Row)[0] }
      : (written as Named | null),
}

function rowOf(record: BackupRecord): Row {
  const { id, kind, at, bytes, digest, commit, commitSubject, branch, run, operator, notes, schemaRevision } = record
  const row: Row = [id, kind, at, bytes, digest, commit, commitSubject, branch, run, operator, notes, schemaRevision]
  while (row.at(-1) === null) row.pop()
  return row
}

function recordOf(row: Row, path: string): BackupRecord {
  const [id, kind, at, bytes, digest, commit, commitSubject, branch, run, operator, notes, schemaRevision] = row
  return {
    schema: 1,
    id,
    kind,
    at,
    origin: run && operator ? 'knowngood' : 'found',
    run: run ?? null,
    operator: operator ?? null,
    commit: commit ?? null,
    commitSubject: commitSubject ?? null,
    branch: branch ?? null,
    notes: notes ?? null,
    schemaRevision: schemaRevision ?? null,
    path,
    parts: [],
    bytes,
    digest,
  }
}

/** Field by field: what another tool wrote may have more, or less. */
function isSame(record: BackupRecord, built: BackupRecord): boolean {
  const fields = Object.entries(record)
  const rebuilt: Partial<Record<string, unknown>> = built
  if (fields.length !== Object.keys(rebuilt).length || record.parts.length > 0) return false
  return fields.every(([name, value]) => name === 'parts' || value === rebuilt[name])
}
