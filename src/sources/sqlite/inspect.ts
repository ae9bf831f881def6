import { open, stat } from 'node:fs/promises'
import type { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { messageOf, StepFailed } from '../../core/failure.ts'
import { revisionIn, type Engine } from '../schema-revision.ts'

const MAGIC = 'SQLite format 3\0'

/** What a database holds: rows of every table, and its schema revision. */
export type Held = { counts: Record<string, number>; schema: string | null }

/** What should be a database is none, or not whole. */
export class Damaged extends StepFailed {}

/** Throws Damaged unless a database's file stands there. Looked at first: opening a mistyped path would make one. */
export async function mustBeDatabase(name: string, file: string): Promise<void> {
  const found = await stat(file).catch(() => null)
  if (found === null) throw new Damaged(name, `there is no file ${file}`)
  if (!found.isFile()) throw new Damaged(name, `${file} is not a file`)
  const handle = await open(file, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, 0)
    if (buffer.toString('latin1', 0, bytesRead) === MAGIC) return
  } finally {
    await handle.close()
  }
  throw new Damaged(name, found.size === 0 ? `${file} is empty` : `${file} is no SQLite database`)
}

/**
 * Reads a finished single-file copy whole: `integrity_check` by what it says, rows of every table, schema revision.
 * Nothing is written beside it. Throws Damaged when it is, or holds no table.
 */
export async function inspect(name: string, file: string, migrations: Engine | 'auto'): Promise<Held> {
  await mustBeDatabase(name, file)
  const { DatabaseSync } = await import('node:sqlite')
  const url = pathToFileURL(file)
  url.searchParams.set('immutable', '1')
  let database: DatabaseSync | null = null
  try {
    database = new DatabaseSync(url, { readOnly: true })
    return read(name, file, database, migrations)
  } catch (error) {
    if (error instanceof Damaged) throw error
    throw new Damaged(name, `${file} cannot be read: ${messageOf(error)}`)
  } finally {
    database?.close()
  }
}

function read(name: string, file: string, database: DatabaseSync, migrations: Engine | 'auto'): Held {
  // A view or trigger of a hostile file runs nothing.
  database.exec('PRAGMA trusted_schema = OFF')
  const said = database
    .prepare('PRAGMA integrity_check(20)')
    .all()
    .map((row) => String(Object.values(row)[0]))
  if (said.join() !== 'ok') throw new Damaged(name, `${file} is damaged: ${said[0] ?? 'nothing was said'}`, said)
  const tables = database
    .prepare(
      String.raw`SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY name`,
    )
    .all()
    .map((row) => String(row['name']))
  if (tables.length === 0) throw new Damaged(name, `${file} holds no table; is it the right database?`)
  const counts = Object.fromEntries(
    tables.map((table) => {
      const row = database.prepare(`SELECT count(*) AS rows FROM "${table.replaceAll('"', '""')}"`).get()
      return [table, Number(row?.['rows'])]
    }),
  )
  return { counts, schema: revisionIn((sql) => database.prepare(sql).all(), migrations) }
}
