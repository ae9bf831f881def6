import { held, StepFailed } from '../../core/failure.ts'
import { MIGRATION_TABLES, ruleFor, type Engine, type Revision } from '../schema-revision.ts'
import type { Psql } from '../../world/postgres/psql.ts'
import { ident, LARGE_OBJECTS, literal, tableKey } from '../../world/postgres/quote.ts'

type Table = { schema: string; name: string; hidden: boolean; readable: boolean }

/** Rows lie in ordinary tables and in partitions; what belongs to an extension comes back with the extension. */
const TABLES = `SELECT n.nspname AS schema, c.relname AS name, row_security_active(c.oid) AS hidden,
    has_table_privilege(c.oid, 'SELECT') AS readable
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  ORDER BY 1, 2`

export async function tablesOf(psql: Psql): Promise<Table[]> {
  return psql.rows<Table>(TABLES)
}

/** Whether nobody has put anything into this database yet. */
export async function isEmpty(psql: Psql): Promise<boolean> {
  const [row] = await psql.rows<{ empty: boolean }>(`SELECT NOT EXISTS (SELECT FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')) AS empty`)
  return row?.empty === true
}

/** Throws a hold that names what this role may not read whole: such a dump would be partial, or fail half way. */
export async function mustReadWhole(psql: Psql, tables: readonly Table[]): Promise<void> {
  const why = hides(tables)
  if (why === null) return
  const [role] = await psql.rows<{ name: string }>('SELECT current_user::text AS name')
  const fix = `As a superuser: ALTER ROLE ${ident(role?.name ?? '')} BYPASSRLS; GRANT pg_read_all_data TO ${ident(role?.name ?? '')};`
  throw held(`${role?.name} cannot dump the whole database`, why, [fix, 'Or name a role that may read everything.'])
}

/** What a role cannot see of these tables, in words; null when it sees everything. */
export function hides(tables: readonly Table[]): string | null {
  const locked = tables.find(({ readable }) => !readable)
  if (locked !== undefined) return `it may not read ${tableKey(locked.schema, locked.name)}`
  const partial = tables.find(({ hidden }) => hidden)
  return partial === undefined
    ? null
    : `row-level security hides rows of ${tableKey(partial.schema, partial.name)} from it`
}

/** Rows of every table, and large objects where there are any, in the transaction that is open. */
export async function countRows(psql: Psql, tables: readonly Table[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { schema, name } of tables) {
    const [row] = await psql.rows<{ n: number }>(`SELECT count(*) AS n FROM ONLY ${ident(schema)}.${ident(name)}`)
    if (row === undefined) throw new StepFailed('psql', `${tableKey(schema, name)} could not be counted`)
    counts[tableKey(schema, name)] = row.n
  }
  const [large] = await psql.rows<{ n: number }>('SELECT count(*) AS n FROM pg_largeobject_metadata')
  if (large !== undefined && large.n > 0) counts[LARGE_OBJECTS] = large.n
  return counts
}

/** The schema revision as this connection sees it. Throws when the configured tool has no table here. */
export async function revisionOf(psql: Psql, engine: Engine | 'auto'): Promise<Revision> {
  type Found = { schema: string; name: string; visible: boolean }
  const found =
    await psql.rows<Found>(`SELECT n.nspname AS schema, c.relname AS name, pg_table_is_visible(c.oid) AS visible
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND c.relname IN (${MIGRATION_TABLES.map(literal).join(', ')})
    ORDER BY pg_table_is_visible(c.oid) DESC, n.nspname = 'public' DESC, n.nspname`)
  const rule = ruleFor(new Set(found.map(({ name }) => name)), engine)
  const table = found.find(({ name }) => name === rule?.table)
  if (rule === null || table === undefined) return { revision: null, failed: [] }
  return rule.read(await psql.rows(`SELECT ${rule.columns} FROM ${ident(table.schema)}.${ident(table.name)}`))
}
