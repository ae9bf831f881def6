import { held, messageOf, StepFailed } from '../../core/failure.ts'
import type { JsonRecord } from '../../core/json.ts'
import type { Io } from '../../core/plan.ts'
import { carriedOver } from './carry.ts'
import type { Kept } from './forget.ts'
import { markDatabase } from './make-database.ts'
import { databases, fromOutside, whyNoSwap } from './maintenance.ts'
import { beforeName } from './names.ts'
import type { Given } from './options.ts'
import { type Psql, runScript } from '../../world/postgres/psql.ts'
import { ident, literal } from '../../world/postgres/quote.ts'
import { withServer } from '../../world/postgres/server.ts'

/** `incoming` is made live, and what was live is called `<database>_before_<run>` from then on. */
export type Exchange = { given: Given; run: string; incoming: string | null; fresh: boolean }

/** Which databases stood under which names before the exchange; everything afterwards is told by their oids. */
export type Stood = { live: string; incoming: string; outgoing: string; liveOid: number | null; incomingOid: number }

const LIMIT_MS = 120_000

/** Looks before the exchange; its result is the exchange's `was`. */
export async function stand({ given, run, incoming }: Exchange, io: Io): Promise<JsonRecord> {
  return await outside(given, io, async (psql, live) => {
    if (incoming === null)
      throw held('There is nothing to put back', `no database stood where ${live} is now`, [
        'Restore a backup instead.',
      ])
    const outgoing = beforeName(live, run)
    const found = await databases(psql, live, incoming, outgoing)
    const oid = (name: string) => found.find(({ datname }) => datname === name)?.oid ?? null
    const incomingOid = oid(incoming)
    if (incomingOid === null) throw held(`${live} cannot be exchanged`, `there is no database ${incoming}`, ['psql -l'])
    if (oid(outgoing) !== null) throw held(`${live} cannot be exchanged`, `${outgoing} is taken`, ['psql -l'])
    return { live, incoming, outgoing, liveOid: oid(live), incomingOid }
  })
}

/** Exchanges the two by renames in one transaction, connections closed and refused meanwhile. Gives `kept`. */
export async function exchange({ given, fresh, was }: Exchange & { was: Stood }, io: Io): Promise<JsonRecord> {
  return await outside(given, io, async (psql, live, script) => {
    const forbids = await whyNoSwap(psql, was.live)
    if (forbids !== null) throw held(`${live} cannot be exchanged`, forbids, ['Ask an administrator of the server.'])
    if ((await where(psql, was)) !== 'before') throw new StepFailed('postgres', await strange(psql, was))
    const comment: string[] = []
    if (fresh) {
      const [old] = await databases(psql, was.live)
      for (const line of await carriedOver(psql, was.live, was.incoming)) await carry(psql, was, line)
      if (old !== undefined && old.datconnlimit >= 0)
        await psql.run(`ALTER DATABASE ${ident(was.incoming)} CONNECTION LIMIT ${old.datconnlimit}`)
      comment.push(`COMMENT ON DATABASE ${ident(was.live)} IS ${old?.comment == null ? 'NULL' : literal(old.comment)}`)
    }
    const errors = await script(renames(was, comment))
    if ((await where(psql, was)) !== 'after')
      throw new StepFailed(
        'postgres',
        `${was.live} could not be exchanged: ${errors[0] ?? 'the server does not say why'}`,
        errors,
      )
    return { kept: keptBy(was) }
  })
}

async function carry(psql: Psql, was: Stood, line: string): Promise<void> {
  await psql.run(line).catch((error: unknown) => {
    throw held(`${was.live} cannot be exchanged`, `what is set on it cannot be carried over: ${messageOf(error)}`, [
      'Restore as a superuser, or reset that setting of the database.',
    ])
  })
}

/** Told by oids: names say nothing after a rename. */
export async function exchanged({ given, was }: { given: Given; was: Stood | null }, io: Io): Promise<JsonRecord> {
  if (was === null) return { state: 'absent', saw: null }
  return await outside(given, io, async (psql) => {
    const at = await where(psql, was)
    if (at === 'strange') return { state: 'foreign', saw: await strange(psql, was) }
    const closed = (await databases(psql, was.live, was.incoming)).some(({ datallowconn }) => !datallowconn)
    const state = at === 'after' ? (closed ? 'partial' : 'done') : closed ? 'partial' : 'absent'
    return {
      state,
      saw: { live: at === 'after' ? 'the new one' : 'the old one', closed },
      gives: { kept: keptBy(was) },
    }
  })
}

/** The exchange's undo: the other way round when it happened, connections opened again in any case. */
export async function putBack(
  { given, run, fresh, was }: { given: Given; run: string; fresh: boolean; was: Stood | null },
  io: Io,
): Promise<JsonRecord> {
  if (was === null) return {}
  return await outside(given, io, async (psql, _, script) => {
    const at = await where(psql, was)
    if (at === 'strange') throw new StepFailed('postgres', await strange(psql, was))
    const back = { ...was, incoming: was.outgoing, outgoing: was.incoming }
    const errors = await script(
      at === 'before' ? opened(was) : renames(was.liveOid === null ? { ...was, ...unnamed(was) } : back, []),
    )
    if ((await where(psql, was)) !== 'before')
      throw new StepFailed(
        'postgres',
        `${was.live} could not be put back: ${errors[0] ?? 'the server does not say why'}`,
        errors,
      )
    // Its mark, which went with the name, is how the run knows it as its own again.
    if (fresh && at === 'after') await markDatabase(psql, was.incoming, run, true)
    return {}
  })
}

type Script = (sql: string) => Promise<string[]>

async function outside<T>(
  given: Given,
  io: Io,
  work: (psql: Psql, live: string, script: Script) => Promise<T>,
): Promise<T> {
  return await withServer(given.url, io.secret, async (server) =>
    fromOutside(
      server,
      LIMIT_MS,
      async (psql, from) => work(psql, server.database, async (sql) => runScript(server, from, sql, LIMIT_MS)),
      io.signal,
    ),
  )
}

/** What `back` makes live again; null when nothing stood there. */
function keptBy(was: Stood): Kept {
  return was.liveOid === null ? null : { live: was.live, before: was.outgoing, oid: was.liveOid }
}

async function where(psql: Psql, was: Stood): Promise<'before' | 'after' | 'strange'> {
  const found = await databases(psql, was.live, was.incoming, was.outgoing)
  const oid = (name: string) => found.find(({ datname }) => datname === name)?.oid ?? null
  if (oid(was.live) === was.liveOid && oid(was.incoming) === was.incomingOid) return 'before'
  if (oid(was.live) === was.incomingOid && oid(was.outgoing) === was.liveOid) return 'after'
  return 'strange'
}

async function strange(psql: Psql, was: Stood): Promise<string> {
  const found = await databases(psql, was.live, was.incoming, was.outgoing)
  const there = found.map(({ datname, oid }) => `${datname} (${oid})`).join(', ')
  return `${was.live} was exchanged by somebody else: there ${found.length === 1 ? 'is' : 'are'} ${there || 'none of them'}`
}

/** With nothing to move out of the way, what is put back is a rename alone. */
function unnamed(was: Stood): Pick<Stood, 'live' | 'incoming' | 'outgoing'> {
  return { live: was.incoming, incoming: was.live, outgoing: was.outgoing }
}

/**
 * Run by psql to its end, whatever fails on the way: the transaction is whole or nothing, and after it the database that goes
 * by the live name is open, the new or the old one.
 */
function renames({ live, incoming, outgoing, liveOid }: Stood, more: string[]): string {
  const both = [live, incoming].map(literal).join(', ')
  const close = `DECLARE p int; BEGIN
    FOR turn IN 1..100 LOOP
      FOR p IN SELECT pid FROM pg_stat_activity WHERE datname IN (${both}) LOOP
        BEGIN PERFORM pg_terminate_backend(p); EXCEPTION WHEN insufficient_privilege THEN NULL; END;
      END LOOP;
      PERFORM pg_stat_clear_snapshot();
      EXIT WHEN NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname IN (${both}));
      PERFORM pg_sleep(0.05);
    END LOOP; END`
  const closed = [live, incoming].map((name) => `ALTER DATABASE ${ident(name)} ALLOW_CONNECTIONS false;`)
  return [
    ...(liveOid === null ? closed.slice(1) : closed),
    `DO ${literal(close)};`,
    'BEGIN;',
    ...(liveOid === null ? [] : [`ALTER DATABASE ${ident(live)} RENAME TO ${ident(outgoing)};`]),
    `ALTER DATABASE ${ident(incoming)} RENAME TO ${ident(live)};`,
    ...more.map((line) => `${line};`),
    `ALTER DATABASE ${ident(live)} ALLOW_CONNECTIONS true;`,
    'COMMIT;',
    opened({ live, incoming, outgoing, liveOid, incomingOid: 0 }),
  ].join('\n')
}

/** Opens whichever of them are there. */
function opened({ live, incoming, outgoing }: Stood): string {
  return (
    [live, incoming, outgoing].map((name) => `ALTER DATABASE ${ident(name)} ALLOW_CONNECTIONS true;`).join('\n') + '\n'
  )
}
