import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { revisionIn, type Engine } from '../schema-revision.ts'

/** What a database holds: rows of every table, and its schema revision; or in words why that cannot be said. */
export type Read = { counts: Record<string, number>; schema: string | null } | { because: string; said: string[] }

/** How a single-file database is read: `migrations` null where its revision does not matter. */
export type Reading = { file: string; migrations: Engine | 'auto' | null }

/** Reads a single-file database from its first page to its last. It takes long, and nothing else runs meanwhile: see `inspect`. */
export function readWhole({ file, migrations }: Reading): Read {
  const url = pathToFileURL(file)
  // Nothing is written beside it, and no lock is taken: it is a copy that nobody works with.
  url.searchParams.set('immutable', '1')
  const database = new DatabaseSync(url, { readOnly: true })
  try {
    // A view or trigger of a hostile file runs nothing.
    database.exec('PRAGMA trusted_schema = OFF')
    const said = column(database, 'PRAGMA integrity_check(20)')
    if (said.join() !== 'ok') return { because: `is damaged: ${said[0] ?? 'nothing was said'}`, said }
    const tables = column(
      database,
      String.raw`SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY name`,
    )
    if (tables.length === 0) return { because: 'holds no table; is it the right database?', said: [] }
    const counts = Object.fromEntries(
      tables.map((table) => {
        const row = database.prepare(`SELECT count(*) AS rows FROM "${table.replaceAll('"', '""')}"`).get()
        return [table, Number(row?.['rows'])]
      }),
    )
    return { counts, schema: migrations === null ? null : revision(database, migrations) }
  } finally {
    database.close()
  }
}

function column(database: DatabaseSync, sql: string): string[] {
  return database
    .prepare(sql)
    .all()
    .map((row) => String(Object.values(row)[0]))
}

/** A table that only looks like a tool's is no reason to refuse a database, unless the project names the tool. */
function revision(database: DatabaseSync, migrations: Engine | 'auto'): string | null {
  try {
    return revisionIn((sql) => database.prepare(sql).all(), migrations)
  } catch (error) {
    if (migrations === 'auto') return null
    throw error
  }
}
