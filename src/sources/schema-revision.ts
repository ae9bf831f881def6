/** Tools that keep their migrations in a table of the database. */
export const ENGINES = [
  'prisma',
  'drizzle',
  'knex',
  'django',
  'rails',
  'alembic',
  'flyway',
  'laravel',
  'table',
] as const

export type Engine = (typeof ENGINES)[number]

type Row = Readonly<Record<string, unknown>>
type Query = (sql: string) => Row[]

/** The newest migration that went through, as its tool names it, and those that were begun and failed. */
export type Revision = { revision: string | null; failed: string[] }

/** Where a tool keeps its migrations, and how its rows are read. `columns` is SQL that every engine takes. */
type Rule = { table: string; columns: string; read(rows: Row[]): Revision }

// TypeORM says `name`, Laravel `migration`.
const migrations: Rule = {
  table: 'migrations',
  columns: '*',
  read: (rows) => newest(rows, 'id', (row) => row['name'] ?? row['migration']),
}

const RULES: Readonly<Record<Engine, Rule>> = {
  prisma: {
    table: '_prisma_migrations',
    columns: 'migration_name, finished_at, rolled_back_at',
    read: (rows) => {
      const standing = rows.filter((row) => isNone(row['rolled_back_at']))
      const done = standing.filter((row) => !isNone(row['finished_at']))
      const failed = standing.filter((row) => isNone(row['finished_at'])).map((row) => text(row['migration_name']))
      return { ...newest(done, 'migration_name', (row) => row['migration_name']), failed: failed.toSorted() }
    },
  },
  drizzle: {
    table: '__drizzle_migrations',
    columns: 'hash, created_at',
    read: (rows) => newest(rows, 'created_at', (row) => `${text(row['created_at'])}-${text(row['hash']).slice(0, 12)}`),
  },
  knex: {
    table: 'knex_migrations',
    columns: 'id, name',
    read: (rows) => newest(rows, 'id', (row) => row['name']),
  },
  django: {
    table: 'django_migrations',
    columns: 'id, app, name',
    read: (rows) => newest(rows, 'id', (row) => `${text(row['app'])}.${text(row['name'])}`),
  },
  rails: {
    table: 'schema_migrations',
    columns: 'version',
    read: (rows) => newest(rows, 'version', (row) => row['version']),
  },
  alembic: {
    table: 'alembic_version',
    columns: 'version_num',
    // Several heads stand side by side.
    read: (rows) => ({
      revision:
        rows.length === 0
          ? null
          : rows
              .map((row) => text(row['version_num']))
              .toSorted()
              .join(','),
      failed: [],
    }),
  },
  flyway: {
    table: 'flyway_schema_history',
    columns: 'installed_rank, version, success',
    read: (rows) => {
      const went = (row: Row) => row['success'] === true || Number(row['success']) === 1
      const done = rows.filter((row) => went(row) && !isNone(row['version']))
      const failed = rows.filter((row) => !went(row)).map((row) => text(row['version'] ?? row['installed_rank']))
      return { ...newest(done, 'installed_rank', (row) => row['version']), failed }
    },
  },
  laravel: migrations,
  table: migrations,
}

/** Every table a tool may keep its migrations in. */
export const MIGRATION_TABLES: readonly string[] = [...new Set(Object.values(RULES).map(({ table }) => table))]

/** The rule for what is there: `auto` takes the first table that is, null when none is. Throws when the configured one is missing. */
export function ruleFor(present: ReadonlySet<string>, engine: Engine | 'auto'): Rule | null {
  const first = engine === 'auto' ? ENGINES.find((name) => present.has(RULES[name].table)) : engine
  if (first === undefined) return null
  const rule = RULES[first]
  if (!present.has(rule.table)) throw new Error(`it has no table ${rule.table}`)
  return rule
}

/**
 * The newest migration an SQLite database has been through, as its tool names it; null when it has no table of migrations, or
 * an empty one.
 */
export function revisionIn(query: Query, engine: Engine | 'auto'): string | null {
  const tables = query("SELECT name FROM sqlite_master WHERE type = 'table'")
  const rule = ruleFor(new Set(tables.map((row) => text(row['name']))), engine)
  return rule === null ? null : rule.read(query(`SELECT ${rule.columns} FROM ${rule.table}`)).revision
}

function newest(rows: readonly Row[], by: string, name: (row: Row) => unknown): Revision {
  const last = rows.toSorted((a, b) => compare(a[by], b[by])).at(-1)
  const found = last === undefined ? null : name(last)
  return { revision: isNone(found) ? null : text(found), failed: [] }
}

/** Numbers as numbers, however the driver hands them over; everything else as text. */
function compare(a: unknown, b: unknown): number {
  const [left, right] = [text(a), text(b)]
  if (/^\d{1,15}$/.test(left) && /^\d{1,15}$/.test(right)) return Number(left) - Number(right)
  return left < right ? -1 : left > right ? 1 : 0
}

function isNone(value: unknown): boolean {
  return value === null || value === undefined
}

function text(value: unknown): string {
  return isNone(value) ? '' : String(value)
}
