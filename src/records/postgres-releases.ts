import { randomBytes, randomUUID } from 'node:crypto'
import { held } from '../core/failure.ts'
import type { ReleaseRow } from '../core/facts.ts'
import { type Psql, withPsql } from '../world/postgres/psql.ts'
import { ident, literal } from '../world/postgres/quote.ts'
import { withServer } from '../world/postgres/server.ts'
import { secretValue } from '../world/secrets.ts'
import { findTable, makeTable, type ReleasesTable, type TableColumn, tableFlaw } from './postgres-table.ts'
import { type Added, COLUMNS, type NewRelease, releaseRow } from './release-record.ts'

type At = { variable: string; signal?: AbortSignal | undefined }

/** How long one question may take, ms; a writer waits for other writers. */
const LOOK_MS = 5000
const WRITE_MS = 30_000

/** Writers take turns, so that two of them make neither the table nor a row twice. Any number will do, if it is always the same. */
const TURN = `SELECT pg_advisory_xact_lock(7305804402566165)`

/** Records all of these or none. A table without `outcome` takes certified releases only; the others have the id 0. */
export async function addToPostgres(at: At, rows: readonly NewRelease[]): Promise<Added[]> {
  return connected(at, WRITE_MS, async (psql, schema) => {
    // A later statement must see what was committed while we waited, whatever the role's default is.
    await psql.run(`BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; ${TURN}`)
    const table = (await findTable(psql, schema)) ?? (await makeTable(psql, schema))
    const flaw = tableFlaw(table)
    if (flaw !== null) throw held(`Nothing can be recorded in ${table.name}`, flaw, ['knowngood doctor'])
    const added: Added[] = []
    for (const row of rows) added.push(await add(psql, table, row))
    await psql.run('COMMIT')
    return added
  })
}

/** The newest rows; none where there is no table. */
export async function readFromPostgres(at: At, limit: number, limitMs: number): Promise<ReleaseRow[]> {
  return connected(at, limitMs, async (psql, schema) => {
    const table = await findTable(psql, schema)
    return table === null ? [] : await read(psql, table, `ORDER BY ${newest(table)} LIMIT ${Math.trunc(limit)}`)
  })
}

/** What `doctor` tells of the table, and of what this role may do. Changes nothing. */
export async function lookAtTable(at: At) {
  return connected(at, LOOK_MS, async (psql, schema) => {
    const table = await findTable(psql, schema)
    const place = schema === null ? `coalesce(current_schema(), 'public')` : literal(schema)
    const may = table === null ? [] : ['SELECT', 'INSERT']
    const [row] = await psql.rows<Record<string, boolean | string>>(
      `SELECT current_database() AS database, ${[
        ...may.map((right) => `has_table_privilege(${literal(table?.name ?? '')}, '${right}') AS "${right}"`),
        ...(table === null ? [`has_schema_privilege(${place}, 'CREATE') AS "CREATE"`] : []),
      ].join(', ')}`,
    )
    const refused = Object.keys(row ?? {}).filter((right) => row?.[right] === false)
    return { database: String(row?.['database']), table, refused, flaw: table === null ? null : tableFlaw(table) }
  })
}

async function connected<T>(
  { variable, signal }: At,
  limitMs: number,
  work: (psql: Psql, schema: string | null) => Promise<T>,
): Promise<T> {
  return withServer(variable, secretValue, (server) =>
    withPsql(server, { signal, limitMs }, (psql) => work(psql, schemaOf(secretValue(variable)))),
  )
}

/** Prisma's word for where its tables are; libpq does not know it. */
function schemaOf(url: string): string | null {
  const [, schema = ''] = /[?&]schema=([^&#]*)/.exec(url) ?? []
  return schema === '' ? null : decodeURIComponent(schema)
}

async function add(psql: Psql, table: ReleasesTable, row: NewRelease): Promise<Added> {
  const by = row.run !== null && table.columns.has('run') ? 'run' : 'backupPath'
  const standing = async () => {
    const [one] = await read(psql, table, `WHERE ${ident(by)} = ${literal(row[by] ?? '')} ORDER BY ${newest(table)}`)
    return one
  }
  const before = await standing()
  if (before !== undefined) return { id: before.id, added: false }
  if (!table.columns.has('outcome') && row.outcome !== 'certified') return { id: 0, added: false }
  const values = [...table.columns.values()].flatMap((column) => {
    const value = valueFor(column, row, table)
    return value === null ? [] : [{ name: ident(column.name), value }]
  })
  const names = values.map(({ name }) => name).join(', ')
  await psql.run(`INSERT INTO ${table.name} (${names}) VALUES (${values.map(({ value }) => value).join(', ')})`)
  return { id: (await standing())?.id ?? 0, added: true }
}

/** As SQL; null: the server fills it, or it stays empty. */
function valueFor(column: TableColumn, row: NewRelease, { name: table }: ReleasesTable): string | null {
  const { name, filled, notNull, category, type, labels } = column
  if (name === 'id') {
    if (filled) return null
    if (type === 'uuid') return literal(randomUUID())
    return category === 'N' ? `(SELECT coalesce(max("id"), 0) + 1 FROM ${table})` : literal(textId())
  }
  const ours = COLUMNS.find((one) => one === name)
  // Prisma's `updatedAt` has no default in the database.
  if (ours === undefined) return notNull && !filled ? literal(row.recordedAt) : null
  const value = row[ours]
  if (value === null) return notNull && !filled ? literal('') : null
  return literal(labels?.find((label) => label.toLowerCase() === value.toLowerCase()) ?? value)
}

/** In the form of a cuid, which is what such a column most often holds: c, and 24 of 0-9 and a-z. */
function textId(): string {
  const chance = BigInt(`0x${randomBytes(16).toString('hex')}`).toString(36)
  return `c${`${Date.now().toString(36)}${chance}`.slice(0, 24).padEnd(24, '0')}`
}

async function read(psql: Psql, { name, columns }: ReleasesTable, rest: string): Promise<ReleaseRow[]> {
  const wanted = ['id', ...COLUMNS].filter((column) => columns.has(column))
  const rows = await psql.rows<Record<string, unknown>>(`SELECT ${wanted.map(ident).join(', ')} FROM ${name} ${rest}`)
  return rows.map((row) => {
    const told = Object.entries(row).map(([column, value]) => [column, plain(columns.get(column), value)] as const)
    const id = row['id']
    return { ...releaseRow(Object.fromEntries(told)), id: typeof id === 'number' || typeof id === 'string' ? id : 0 }
  })
}

function newest({ columns }: ReleasesTable): string {
  return ['recordedAt', 'id'].flatMap((name) => (columns.has(name) ? [`${ident(name)} DESC`] : [])).join(', ')
}

/** Moments as they are written everywhere; an enumeration's word in our own spelling; nothing for what had to be blank. */
function plain(column: TableColumn | undefined, value: unknown): unknown {
  if (typeof value !== 'string' || column === undefined) return value
  if (column.labels !== null) return value.toLowerCase()
  if (value === '') return null
  if (column.category !== 'D') return value
  // Without a zone it is UTC, as Prisma writes it.
  const moment = new Date(/T.*(?:Z|[+-]\d\d(?::?\d\d)?)$|^[^T]*$/.test(value) ? value : `${value}Z`)
  return Number.isNaN(moment.getTime()) ? value : moment.toISOString()
}
