import { held, messageOf } from '../../core/failure.ts'
import { openPsql, type Psql } from '../../world/postgres/psql.ts'
import { literal } from '../../world/postgres/quote.ts'
import type { Server } from '../../world/postgres/server.ts'

const CANDIDATES = ['postgres', 'template1', 'defaultdb']

/** Whom the server does not let in it lets into no other database. */
const REFUSED = /authentication failed|role .* does not exist|is not permitted to log in/

/** A row of pg_database as this server's version has it. */
export type Database = {
  oid: number
  datname: string
  encoding: string
  datcollate: string
  datctype: string
  datlocprovider?: string
  daticulocale?: string | null
  datlocale?: string | null
  datallowconn: boolean
  datconnlimit: number
  owner: string
  tablespace: string
  comment: string | null
}

/** Does the work in a database that is not the one worked on: the live one cannot be renamed from within. */
export async function fromOutside<T>(
  server: Server,
  limitMs: number,
  work: (psql: Psql, database: string) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  let why = ''
  for (const database of CANDIDATES.filter((name) => name !== server.database)) {
    let psql: Psql
    try {
      psql = await openPsql(server, { database, limitMs, signal })
    } catch (error) {
      why = messageOf(error)
      // A server that does not answer for one database answers for none.
      if (!why.includes('FATAL') || REFUSED.test(why)) throw error
      continue
    }
    try {
      return await work(psql, database)
    } finally {
      await psql.close()
    }
  }
  throw held(`${server.database} cannot be exchanged`, `no other database of ${server.at} can be reached: ${why}`, [
    `Let this role connect to the database postgres of ${server.at}.`,
  ])
}

/** The databases of these names that are there. */
export async function databases(psql: Psql, ...names: string[]): Promise<Database[]> {
  return psql
    .rows<Database>(`SELECT to_jsonb(d) || jsonb_build_object('oid', d.oid::bigint, 'datacl', null,
      'encoding', pg_encoding_to_char(d.encoding), 'owner', pg_get_userbyid(d.datdba), 'comment', shobj_description(d.oid, 'pg_database'),
      'tablespace', (SELECT spcname FROM pg_tablespace t WHERE t.oid = d.dattablespace)) AS d
    FROM pg_database d WHERE datname IN (${names.map(literal).join(', ')})`)
    .then((rows) => rows.map((row) => (row as unknown as { d: Database }).d))
}

/**
 * What forbids this role to exchange the database, in words; null when nothing does. `connected` false leaves out who is
 * connected now: the services that are will be stopped.
 */
export async function whyNoSwap(psql: Psql, live: string, connected = true): Promise<string | null> {
  const [me] = await psql.rows<{ name: string; super: boolean; createdb: boolean }>(
    'SELECT rolname AS name, rolsuper AS super, rolcreatedb AS createdb FROM pg_roles WHERE rolname = current_user',
  )
  if (me === undefined || me.super) return await slots(psql, live)
  if (!me.createdb) return `${me.name} may not create databases (it lacks CREATEDB)`
  const [owned] = await psql.rows<{ owner: string; member: boolean }>(
    `SELECT pg_get_userbyid(datdba) AS owner, pg_has_role(datdba, 'USAGE') AS member FROM pg_database WHERE datname = ${literal(live)}`,
  )
  if (owned !== undefined && !owned.member) return `${me.name} does not own ${live} and is no member of ${owned.owner}`
  if (!connected) return await slots(psql, live)
  const [other] = await psql.rows<{
    name: string
  }>(`SELECT a.usename AS name FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid
    WHERE a.datname = ${literal(live)} AND (r.rolsuper OR NOT (pg_has_role(r.oid, 'USAGE') OR pg_has_role('pg_signal_backend', 'USAGE'))) LIMIT 1`)
  if (other !== undefined) return `${me.name} may not close the connections of ${other.name}`
  return await slots(psql, live)
}

async function slots(psql: Psql, live: string): Promise<string | null> {
  const [slot] = await psql.rows<{ name: string }>(
    `SELECT slot_name AS name FROM pg_replication_slots WHERE database = ${literal(live)} LIMIT 1`,
  )
  return slot === undefined ? null : `the replication slot ${slot.name} would stay with the old database`
}
