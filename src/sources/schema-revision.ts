/** Tools that keep their migrations in a table of the database. */
export const ENGINES = ['prisma', 'drizzle', 'knex', 'django', 'rails', 'alembic', 'flyway', 'table'] as const

export type Engine = (typeof ENGINES)[number]

type Row = Record<string, unknown>
type Query = (sql: string) => Row[]

/** Where each keeps them, and how the newest one that is done is asked for. */
const TABLES: Record<Engine, { table: string; newest: string }> = {
  prisma: {
    table: '_prisma_migrations',
    newest:
      'SELECT migration_name AS revision FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name DESC LIMIT 1',
  },
  drizzle: {
    table: '__drizzle_migrations',
    newest:
      "SELECT created_at || '-' || substr(hash, 1, 12) AS revision FROM __drizzle_migrations ORDER BY created_at DESC LIMIT 1",
  },
  knex: { table: 'knex_migrations', newest: 'SELECT name AS revision FROM knex_migrations ORDER BY id DESC LIMIT 1' },
  django: {
    table: 'django_migrations',
    newest: "SELECT app || '.' || name AS revision FROM django_migrations ORDER BY id DESC LIMIT 1",
  },
  rails: {
    table: 'schema_migrations',
    newest: 'SELECT version AS revision FROM schema_migrations ORDER BY version DESC LIMIT 1',
  },
  alembic: {
    table: 'alembic_version',
    newest:
      'SELECT group_concat(version_num) AS revision FROM (SELECT version_num FROM alembic_version ORDER BY version_num)',
  },
  flyway: {
    table: 'flyway_schema_history',
    newest:
      'SELECT version AS revision FROM flyway_schema_history WHERE success AND version IS NOT NULL ORDER BY installed_rank DESC LIMIT 1',
  },
  // TypeORM says `name`, Laravel `migration`.
  table: { table: 'migrations', newest: 'SELECT * FROM migrations ORDER BY id DESC LIMIT 1' },
}

/**
 * The newest migration a database has been through, as its tool names it; null when it has no table of migrations, or
 * an empty one. `auto` takes the first table that is there.
 */
export function revisionIn(query: Query, engine: Engine | 'auto'): string | null {
  const present = new Set(
    query("SELECT name FROM sqlite_master WHERE type = 'table'").map((row) => String(row['name'])),
  )
  const asked = engine === 'auto' ? ENGINES.filter((name) => present.has(TABLES[name].table)) : [engine]
  const [first] = asked
  if (first === undefined) return null
  const { table, newest } = TABLES[first]
  if (!present.has(table)) throw new Error(`it has no table ${table}`)
  const row = query(newest)[0] ?? {}
  const revision = row['revision'] ?? row['name'] ?? row['migration']
  return revision === null || revision === undefined ? null : String(revision)
}
