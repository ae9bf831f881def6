import { stat } from 'node:fs/promises'
import type { Part } from '../../core/backup.ts'
import { StepFailed } from '../../core/failure.ts'
import type { JsonRecord } from '../../core/json.ts'
import type { Io } from '../../core/plan.ts'
import { execute } from '../../world/exec.ts'
import { beginPart, finishPart, shrunk } from '../captured.ts'
import { emptied, mustHold } from '../counts.ts'
import type { Revision } from '../schema-revision.ts'
import type { Given } from './options.ts'
import { versionOf, withPsql } from '../../world/postgres/psql.ts'
import { readDump } from './read-dump.ts'
import { saying } from './said.ts'
import { type Server, withServer } from '../../world/postgres/server.ts'
import { countRows, mustReadWhole, revisionOf, tablesOf } from './tables.ts'
import { mustHaveTools } from './tools.ts'

type Capture = { given: Given; name: string; stage: string; paths: string[]; last: Part[] | null }
type Seen = { counts: Record<string, number>; schema: Revision }

/**
 * Dumps the database, counts every table in the very snapshot the dump is of, and reads the finished file to its end, counting
 * again. What differs, is cut short, hidden or empty is a failure, whatever the dumper's exit code was.
 */
export async function capture(input: Capture, io: Io): Promise<JsonRecord> {
  const { given, name, stage, last } = input
  return await withServer(given.url, io.secret, async (server) => {
    const path = input.paths[0] ?? ''
    const file = await beginPart(stage, path)
    const { counts, schema } = await inOneSnapshot(server, given, io, async (snapshot, signal) =>
      dump(server, given, snapshot, file, { ...io, signal }),
    )
    const says = await readDump(file, { signal: io.signal, idleMs: given.idleMs, onChild: io.child })
    mustHold(name, counts, onlyOf(says.counts, counts))
    const about = {
      source: name,
      use: 'postgres',
      counts,
      ...(schema.revision === null ? {} : { schema: schema.revision }),
    }
    const part = await finishPart(io, stage, path, about)
    const smaller = shrunk(part, last)
    const failed = schema.failed.map((migration) => `migration ${migration} had failed in the database`)
    return {
      parts: [part],
      leftOut: [],
      doubts: [...(smaller === null ? [] : [smaller]), ...emptied(part, last), ...failed],
    }
  })
}

/** Of these counts, those of the names in `like`: a file may hold an extension's settings as well. */
export function onlyOf(counts: Readonly<Record<string, number>>, like: Readonly<Record<string, number>>) {
  return Object.fromEntries(Object.entries(counts).filter(([name]) => Object.hasOwn(like, name)))
}

/** Exports a snapshot and counts in it while the work is done on it; a failure of either ends the other. */
async function inOneSnapshot(
  server: Server,
  given: Given,
  io: Io,
  work: (snapshot: string, signal: AbortSignal) => Promise<void>,
): Promise<Seen> {
  const stop = new AbortController()
  const signal = AbortSignal.any([io.signal, stop.signal])
  return await withPsql(server, { signal, onChild: io.child, limitMs: 4 * given.idleMs }, async (psql) => {
    await mustHaveTools(await versionOf(psql), io.signal)
    await psql.run('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    // Twice as long as the dumper waits, which can say what it waits for.
    await psql.run(`SET LOCAL lock_timeout = ${2 * given.lockMs}`)
    const [exported] = await psql.rows<{ id: string }>('SELECT pg_export_snapshot() AS id')
    const tables = await tablesOf(psql)
    if (tables.length === 0 && !given.empty)
      throw new StepFailed(
        'postgres',
        `${server.database} on ${server.at} has no tables: it is empty, or the wrong database`,
      )
    await mustReadWhole(psql, tables)
    const count = async () => ({
      schema: await revisionOf(psql, given.migrations),
      counts: await countRows(psql, tables),
    })
    const [seen] = await together(stop, count(), work(exported?.id ?? '', signal))
    return seen
  })
}

/** Both, or the failure that came first, thrown when the other has ended too. */
async function together<A, B>(stop: AbortController, one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  let cause: unknown = null
  const watch = async <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      cause ??= error
      stop.abort()
      throw error
    })
  const [first, second] = await Promise.allSettled([watch(one), watch(other)])
  if (first.status === 'rejected' || second.status === 'rejected') throw cause
  return [first.value, second.value]
}

async function dump(server: Server, given: Given, snapshot: string, file: string, io: Io): Promise<void> {
  const argv = ['pg_dump', '-w', '--verbose', `--format=${given.format}`, '--compress=6', `--snapshot=${snapshot}`]
  // What is written out grows or does not: that is how a dumper that hangs is told from a slow one.
  const growing = setInterval(() => {
    void stat(file).then(
      ({ size }) => io.bytes(size, null),
      () => undefined,
    )
  }, 500)
  try {
    await execute({
      argv: [...argv, `--lock-wait-timeout=${given.lockMs}`],
      env: server.env(),
      stdoutFile: file,
      idleMs: given.idleMs,
      timeoutMs: 0,
      signal: io.signal,
      onLine: saying(io),
      onChild: io.child,
    })
  } catch (error) {
    throw inWords(error, given)
  } finally {
    clearInterval(growing)
  }
}

function inWords(error: unknown, given: Given): unknown {
  if (!(error instanceof StepFailed)) return error
  const locked = error.output
    .map((line) => /LOCK TABLE (.{1,300}).* IN ACCESS SHARE MODE/.exec(line)?.[1])
    .find(Boolean)
  const said = error.output.find((line) => /error: /.test(line))?.replace(/^pg_dump: (?:error: )?/, '')
  if (locked !== undefined && /timeout/.test(error.output.join(' ')))
    return new StepFailed(
      'postgres',
      `a table is locked, and was waited for ${given.lockMs / 1000} s: ${locked}`,
      error.output,
    )
  return new StepFailed('postgres', said === undefined ? error.message : `${error.message}: ${said}`, error.output)
}
