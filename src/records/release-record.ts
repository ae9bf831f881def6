import { isAbsolute, join, dirname } from 'node:path'
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { ReleaseRow } from '../core/facts.ts'
import { RELEASE_TABLE } from '../core/release-table.ts'
import { exists, makeFolder, refuseSymlink } from '../world/files.ts'

/** What is recorded of one release or rollback; the table gives the id. */
export type NewRelease = Omit<ReleaseRow, 'id'>

/** `added` false: the run (a row without one: its backupPath) was recorded already, and `id` is that of what stands there. */
export type Added = { id: number | string; added: boolean }

export type Releases = {
  insert(row: NewRelease): Added
  byRun(run: string): ReleaseRow | null
  byBackupPath(path: string): ReleaseRow | null
  /** Newest first. */
  list(limit: number): ReleaseRow[]
  close(): void
}

/** Each entry brings the file one version further; `user_version` says how far it is. Never change one, add one. */
const MIGRATIONS = [RELEASE_TABLE]

/** The columns of a record besides its id, as the table calls them. */
export const COLUMNS = [
  'version',
  'deploymentType',
  'backupPath',
  'schemaRevision',
  'recordedAt',
  'tag',
  'commitSha',
  'buildId',
  'operator',
  'outcome',
  'run',
] as const satisfies (keyof NewRelease)[]

type Column = (typeof COLUMNS)[number]

/** The file of a `sqlite:` URL; a relative one starts at the root. */
function recordsFile(root: string, url: string): string {
  if (!url.startsWith('sqlite:'))
    throw new Error(`records.url must begin with "sqlite:", not ${url.split(':')[0] ?? ''}:`)
  const path = url.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '')
  return isAbsolute(path) ? path : join(root, path)
}

/** Opens the release records, making the file and its table when there is none. Close it. */
export async function openReleases(root: string, url: string): Promise<Releases> {
  const file = recordsFile(root, url)
  await makeFolder(dirname(file))
  await refuseSymlink(file)
  const { DatabaseSync } = await import('node:sqlite')
  const database = new DatabaseSync(file, { timeout: 5_000 })
  try {
    migrate(database)
    return releasesIn(database)
  } catch (error) {
    database.close()
    throw error
  }
}

/** The newest rows; empty, and nothing created, when there is no file yet. */
export async function listReleases(root: string, url: string, limit: number): Promise<ReleaseRow[]> {
  const file = recordsFile(root, url)
  if (!(await exists(file))) return []
  const { DatabaseSync } = await import('node:sqlite')
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5_000 })
  try {
    return columnsOf(database).length === 0 ? [] : releasesIn(database).list(limit)
  } finally {
    database.close()
  }
}

function migrate(database: DatabaseSync): void {
  if (versionOf(database) >= MIGRATIONS.length) return
  database.exec('BEGIN IMMEDIATE')
  try {
    // Read again under the lock: another process may just have done it.
    for (const [index, sql] of MIGRATIONS.entries()) {
      if (index < versionOf(database)) continue
      database.exec(sql)
      database.exec(`PRAGMA user_version = ${index + 1}`)
    }
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0)
}

/** A table the team made itself may lack some of our columns; what it has is used. */
function columnsOf(database: DatabaseSync): Column[] {
  const names = database.prepare(`SELECT name FROM pragma_table_info('ReleaseRecord')`).all()
  const present = new Set(names.map((row) => String(row['name'])))
  return COLUMNS.filter((column) => present.has(column))
}

function releasesIn(database: DatabaseSync): Releases {
  const columns = columnsOf(database)
  const select = `SELECT "id", ${columns.map((column) => `"${column}"`).join(', ')} FROM "ReleaseRecord"`
  const by = (column: Column, value: string): ReleaseRow | null => {
    if (!columns.includes(column)) return null
    const row = database.prepare(`${select} WHERE "${column}" = ? ORDER BY "id" LIMIT 1`).get(value)
    return row ? releaseRow(row) : null
  }
  return {
    insert(row) {
      database.exec('BEGIN IMMEDIATE')
      try {
        const standing =
          row.run !== null && columns.includes('run') ? by('run', row.run) : by('backupPath', row.backupPath)
        const id = standing?.id ?? insertRow(database, columns, row)
        database.exec('COMMIT')
        return { id, added: standing === null }
      } catch (error) {
        database.exec('ROLLBACK')
        throw error
      }
    },
    byRun: (run) => by('run', run),
    byBackupPath: (path) => by('backupPath', path),
    list: (limit) =>
      database.prepare(`${select} ORDER BY "recordedAt" DESC, "id" DESC LIMIT ?`).all(limit).map(releaseRow),
    close: () => database.close(),
  }
}

function insertRow(database: DatabaseSync, columns: readonly Column[], row: NewRelease): number {
  // A table that cannot say how a release ended holds certified ones only.
  if (!columns.includes('outcome') && row.outcome !== 'certified') return 0
  const names = columns.map((column) => `"${column}"`).join(', ')
  const marks = columns.map(() => '?').join(', ')
  const values = columns.map((column): SQLInputValue => row[column])
  return Number(
    database.prepare(`INSERT INTO "ReleaseRecord" (${names}) VALUES (${marks})`).run(...values).lastInsertRowid,
  )
}

/** A row as the database gave it; what its table does not have is null. */
export function releaseRow(row: Record<string, unknown>): ReleaseRow {
  const text = (name: Column): string | null => {
    const value = row[name]
    return typeof value === 'string'
      ? value
      : typeof value === 'number' || typeof value === 'bigint'
        ? `${value}`
        : null
  }
  return {
    id: Number(row['id']),
    version: text('version'),
    deploymentType: text('deploymentType') ?? '',
    backupPath: text('backupPath') ?? '',
    schemaRevision: text('schemaRevision'),
    recordedAt: text('recordedAt') ?? '',
    tag: text('tag'),
    commitSha: text('commitSha') ?? '',
    buildId: text('buildId'),
    operator: text('operator'),
    outcome: text('outcome') ?? 'certified',
    run: text('run'),
  }
}
