import { isDeepStrictEqual } from 'node:util'
import { sha256File } from '../../archive/checksum.ts'
import type { Part } from '../../core/backup.ts'
import { held, StepFailed } from '../../core/failure.ts'
import type { JsonRecord } from '../../core/json.ts'
import type { Io } from '../../core/plan.ts'
import { mustHold } from '../counts.ts'
import { onlyOf } from './capture.ts'
import type { DumpSays } from './dump-scan.ts'
import { fill } from './fill.ts'
import { dropDatabase, makeDatabase, markDatabase, standing } from './make-database.ts'
import { databases, fromOutside, whyNoSwap } from './maintenance.ts'
import { besideName } from './names.ts'
import type { Given } from './options.ts'
import { type Psql, versionOf, withPsql } from '../../world/postgres/psql.ts'
import { readDump } from './read-dump.ts'
import { type Server, withServer } from '../../world/postgres/server.ts'
import { countRows, isEmpty, mustReadWhole, revisionOf, tablesOf } from './tables.ts'
import { mustRestoreInto, mustTakeMarks } from './tools.ts'

/** `urlFrom`: a variable whose URL names the new database; null: one beside the live one. `live`: whole, owners and all. */
export type Place = { given: Given; run: string; live: boolean; urlFrom: string | null }
/** `swaps`: it is to be exchanged with the live one. */
export type Beside = Place & { name: string; part: Part; file: string; swaps: boolean }

const LIMIT_MS = 120_000

/** Reads a dump to its end and counts its rows. Throws a StepFailed when it is damaged or not what was captured. */
export async function readable({ given, name, part, file }: Beside, io: Io): Promise<DumpSays> {
  // A file from before Knowngood has no hash to hold it to.
  const hash = part.sha256 === '' ? '' : await sha256File(file, (done, total) => io.bytes(done, total), io.signal)
  if (hash !== part.sha256)
    throw new StepFailed('postgres', `${part.path} is damaged: it is not the ${part.bytes} bytes that were recorded`)
  const reading = {
    signal: io.signal,
    idleMs: given.idleMs,
    onChild: io.child,
    onBytes: (n: number) => io.bytes(n, null),
  }
  const says = await readDump(file, reading)
  if (part.counts !== undefined) mustHold(name, part.counts, onlyOf(says.counts, part.counts))
  return says
}

/** Fills a fresh database, counts it against what was captured, and leaves it standing. Held when it could not be swapped in later. */
export async function beside(input: Beside, io: Io): Promise<JsonRecord> {
  const says = await readable(input, io)
  return await atPlace(input, io, async (server, target, psql) => {
    const { given, run, live, swaps } = input
    await mustRestoreInto(await versionOf(psql), io.signal)
    await mustTakeMarks(input.file, says.restricted, io.signal)
    const forbids = swaps ? await whyNoSwap(psql, server.database) : null
    if (forbids !== null)
      throw held(`${server.database} cannot be restored in place`, forbids, [
        'Restore it beside, into a database of your own: knowngood restore ID --to $URL',
      ])
    const owners = await mayOwn(psql, says, input)
    const fresh = (await standing(psql, target, run)) === 'absent'
    if (!fresh && !(await mayFill(server, target, input, io)))
      throw held(`The database ${target} is there already`, 'a restore fills a new or an empty one only', [
        `Drop or rename it, or name another.`,
      ])
    const [like] = target === server.database ? [] : await databases(psql, server.database)
    if (fresh) await makeDatabase(psql, target, like ?? null, run)
    // One that was there is not ours to drop: it is filled whole or not at all.
    await fill({ server, database: target, file: input.file, says, given, owners, whole: !fresh }, io)
    const counts = await counted(server, target, input, says, io)
    if (fresh) await markDatabase(psql, target, run, true)
    if (!live) io.line(`It is in the database ${target} of ${server.at}.`)
    return { counts, place: target }
  })
}

/** Its probe: whether everything is in it is known by the mark it is given last. An empty one of the operator's waits to be filled. */
export async function besideSeen(input: Beside, io: Io): Promise<JsonRecord> {
  return await atPlace(input, io, async (server, target, psql) => {
    const stands = await standing(psql, target, input.run)
    const state = stands === 'foreign' && input.urlFrom !== null ? await foundIn(server, target, input, io) : stands
    return { state, saw: { database: target }, gives: { counts: input.part.counts ?? {}, place: target } }
  })
}

/** Whether a database that a restore did not make may be filled: one that a variable names, with nothing in it. */
async function mayFill(server: Server, target: string, input: Place, io: Io): Promise<boolean> {
  if (input.urlFrom === null) return false
  return await withPsql(server, { database: target, signal: io.signal, limitMs: LIMIT_MS }, isEmpty)
}

/** What is in a database that carries no mark of ours: nothing yet, all that was captured, or something else. */
async function foundIn(server: Server, target: string, input: Beside, io: Io): Promise<'absent' | 'done' | 'foreign'> {
  return await withPsql(server, { database: target, signal: io.signal, limitMs: LIMIT_MS }, async (psql) => {
    if (await isEmpty(psql)) return 'absent'
    const counts = await countRows(psql, await tablesOf(psql))
    return isDeepStrictEqual(counts, input.part.counts) ? 'done' : 'foreign'
  })
}

/** Its undo, and the end of a scratch restore: removes the database when it is the run's own. */
export async function drop(input: Place, io: Io): Promise<JsonRecord> {
  return await atPlace(input, io, async (_, target, psql) => {
    if ((await standing(psql, target, input.run)) !== 'foreign') await dropDatabase(psql, target, input.run)
    return {}
  })
}

export async function dropped(input: Place, io: Io): Promise<JsonRecord> {
  return await atPlace(input, io, async (_, target, psql) => {
    const state = await standing(psql, target, input.run)
    return { state: state === 'absent' || state === 'foreign' ? 'done' : 'absent', saw: { database: target } }
  })
}

async function atPlace<T>(
  { given, run, urlFrom }: Place,
  io: Io,
  work: (server: Server, target: string, psql: Psql) => Promise<T>,
): Promise<T> {
  return await withServer(urlFrom ?? given.url, io.secret, async (server) => {
    const target = urlFrom === null ? besideName(server.database, run) : server.database
    return await fromOutside(server, LIMIT_MS, async (psql) => work(server, target, psql), io.signal)
  })
}

/** Whether everything can belong to whom it belonged to. In place it must; elsewhere the roles may be missing. */
async function mayOwn(psql: Psql, says: DumpSays, { live, file }: Beside): Promise<boolean> {
  const there = new Set(
    (await psql.rows<{ name: string }>('SELECT rolname AS name FROM pg_roles')).map(({ name }) => name),
  )
  const missing = says.roles.filter((role) => !there.has(role))
  if (missing.length === 0) return true
  // SQL says whose everything is; an archive can be told not to.
  if (!live && !/\.sql(?:\.gz)?$/.test(file)) return false
  throw held('The roles the backup was made with are not there', `missing: ${missing.join(', ')}`, [
    ...missing.map((role) => `createuser ${role}`),
    'Then restore again.',
  ])
}

async function counted(server: Server, database: string, input: Beside, says: DumpSays, io: Io) {
  const { given, name, part, live } = input
  return await withPsql(
    server,
    { database, signal: io.signal, onChild: io.child, limitMs: 4 * given.idleMs },
    async (psql) => {
      const tables = await tablesOf(psql)
      if (tables.length === 0 && !given.empty) throw new StepFailed('postgres', `no table came out of ${part.path}`)
      await mustReadWhole(psql, tables)
      const counts = await countRows(psql, tables)
      // A dump made elsewhere was not counted: then the database holds what the file does.
      if (part.counts === undefined) mustHold(name, onlyOf(says.counts, counts), onlyOf(counts, says.counts))
      else mustHold(name, part.counts, counts)
      const { revision } = await revisionOf(psql, given.migrations)
      if (part.schema !== undefined && revision !== part.schema)
        throw new StepFailed('postgres', `the schema came out at ${revision ?? 'no revision'}, not at ${part.schema}`)
      // The planner knows nothing of a database that was just filled.
      if (live) await psql.run('ANALYZE')
      return counts
    },
  )
}
