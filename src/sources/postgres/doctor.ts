import { statfs } from 'node:fs/promises'
import { size as inWords } from '../../core/age.ts'
import { messageOf, UserError } from '../../core/failure.ts'
import type { Check } from '../../core/plug-in.ts'
import { secretValue } from '../../world/secrets.ts'
import { fromOutside, whyNoSwap } from './maintenance.ts'
import { type Given, given, type Options } from './options.ts'
import { type Psql, versionOf, withPsql } from '../../world/postgres/psql.ts'
import { literal } from '../../world/postgres/quote.ts'
import { type Server, withServer } from '../../world/postgres/server.ts'
import { hides, revisionOf, tablesOf } from './tables.ts'
import { flawOf, installLine, lookAtTools, tooNewFor } from './tools.ts'

const LIMIT_MS = 10_000

/** Tools, connection, what the role may read, whether a restore in place can work, and room for a second one. */
export async function doctorPostgres(o: Options, signal?: AbortSignal): Promise<Check[]> {
  const { url, migrations } = given(o)
  const tools = await lookAtTools(signal)
  const missing = flawOf(tools, null)
  if (missing !== null) return [check('tools', missing, installLine(null))]
  try {
    return await withServer(url, secretValue, async (server) =>
      withPsql(server, { signal, limitMs: LIMIT_MS }, async (psql) => {
        const version = await versionOf(psql)
        const flaw = flawOf(tools, version) ?? tooNewFor(tools, version)
        const tables = await tablesOf(psql)
        const blind = hides(tables)
        const empty =
          tables.length === 0 && !o.empty ? `${server.database} has no tables: is it the right database?` : null
        return [
          check('tools', flaw, installLine(version), `the tools fit PostgreSQL ${version}`),
          check(
            'database',
            empty,
            'Correct the URL, or set empty: true.',
            `${server.database} has ${tables.length} tables`,
          ),
          check(
            'reads',
            blind,
            'Give the role BYPASSRLS and pg_read_all_data, or name another.',
            'the role reads every row',
          ),
          await swap(server, signal),
          await room(psql, server),
          await kept(psql, server),
          await migrated(psql, migrations),
        ]
      }),
    )
  } catch (error) {
    const fix =
      error instanceof UserError ? (error.next[0] ?? '') : 'See that the server runs, and that the URL is right.'
    return [check('connection', messageOf(error), fix)]
  }
}

function check(id: string, wrong: string | null, fix: string, right = ''): Check {
  return { id: `postgres.${id}`, ok: wrong === null, says: wrong ?? right, fix: wrong === null ? '' : fix }
}

async function swap(server: Server, signal?: AbortSignal): Promise<Check> {
  const fix =
    'Restores go beside, into a database of your own (--to); for in place: ALTER ROLE … CREATEDB, and own the database.'
  try {
    const why = await fromOutside(server, LIMIT_MS, async (psql) => whyNoSwap(psql, server.database), signal)
    return check('swap', why, fix, 'a restored database can be exchanged with the live one')
  } catch (error) {
    return check('swap', messageOf(error), fix)
  }
}

/** Only where the server's own disk can be seen from here. */
async function room(psql: Psql, server: Server): Promise<Check> {
  const [row] = await psql.rows<{
    bytes: number
    folder: string | null
  }>(`SELECT pg_database_size(current_database()) AS bytes,
    (SELECT setting FROM pg_settings WHERE name = 'data_directory') AS folder`)
  const bytes = row?.bytes ?? 0
  const local = server.at.startsWith('/') || /^(?:this machine|localhost|127\.|\[?::1)/.test(server.at)
  const volume = local && row?.folder != null ? await statfs(row.folder).catch(() => null) : null
  const need = `a restore needs room for a second database of ${inWords(bytes)}`
  if (volume === null)
    return { id: 'postgres.room', ok: 'unknown', says: need, fix: `See on the server that ${inWords(bytes)} are free.` }
  const free = volume.bavail * volume.bsize
  return check(
    'room',
    free < bytes ? `${need}, and ${inWords(free)} are free` : null,
    'Make room on the server.',
    `${inWords(free)} are free for ${inWords(bytes)} more`,
  )
}

/** What restores kept; it is the operator's to drop. */
async function kept(psql: Psql, server: Server): Promise<Check> {
  const [before, beside] = ['_before_', '_kg_'].map((mark) => literal(server.database + mark))
  const found = await psql.rows<{ name: string; bytes: number | null }>(`SELECT datname AS name,
    CASE WHEN has_database_privilege(datname, 'CONNECT') THEN pg_database_size(datname) END AS bytes FROM pg_database
    WHERE starts_with(datname, ${before}) OR starts_with(datname, ${beside})`)
  const names = found.map(({ name, bytes }) => (bytes === null ? name : `${name} (${inWords(bytes)})`)).join(', ')
  return check(
    'kept',
    null,
    '',
    names === ''
      ? 'no earlier database is kept'
      : `left by restores, and removed by knowngood restore --forget RUN: ${names}`,
  )
}

/** Last: a table this role may not read ends the connection. */
async function migrated(psql: Psql, migrations: Given['migrations']): Promise<Check> {
  const fix = 'Mend them with the tool that runs them; or correct `migrations`.'
  try {
    const { failed, revision } = await revisionOf(psql, migrations)
    const broken = failed.length === 0 ? null : `failed migrations: ${failed.join(', ')}`
    return check('migrations', broken, fix, `the schema is at ${revision ?? 'no revision'}`)
  } catch (error) {
    return check('migrations', messageOf(error), fix)
  }
}
