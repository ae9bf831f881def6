import { randomBytes } from 'node:crypto'
import { StepFailed } from '../../core/failure.ts'
import { converse, execute } from '../exec.ts'
import type { Server } from './server.ts'

/** One connection, held open. After the first failure it is closed, and everything asked of it fails the same way. */
export type Psql = {
  /** The rows of one query, values as JSON has them. */
  rows<T>(sql: string): Promise<T[]>
  /** Statements whose rows nobody reads. */
  run(sql: string): Promise<void>
  close(): Promise<void>
}

type Options = {
  database?: string | undefined
  signal?: AbortSignal | undefined
  onChild?: ((pid: number) => void) | undefined
  /** How long one query may take, ms; 0 is for ever. */
  limitMs: number
}

const PSQL = ['psql', '-w', '-X', '-q', '-A', '-t']
/** Errors without the statement: what is set may be secret. */
const BEGIN = String.raw`\set VERBOSITY terse
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SET client_min_messages = warning;
`
/** Settings of the server, the role or the database that would end a connection which waits for its dump. */
const PATIENT = `SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN
  ('statement_timeout', 'lock_timeout', 'idle_session_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout');
`

/** Opens a connection with psql, and waits until it is there. Throws a StepFailed with the server's own words. */
export async function openPsql(server: Server, { database, signal, onChild, limitMs }: Options): Promise<Psql> {
  const stop = new AbortController()
  const child = await converse({
    argv: [...PSQL, '-v', 'ON_ERROR_STOP=1'],
    env: server.env(database),
    idleMs: 0,
    timeoutMs: 0,
    signal: AbortSignal.any([stop.signal, ...(signal === undefined ? [] : [signal])]),
    onChild,
  })
  let seen = ''
  let waiting: { mark: string; done(text: string): void } | null = null
  child.stdout?.setEncoding('utf8')
  child.stdout?.on('data', (text: string) => {
    seen += text
    const at = waiting === null ? -1 : seen.indexOf(`${waiting.mark}\n`)
    if (waiting === null || at === -1) return
    const answer = seen.slice(0, at)
    seen = ''
    waiting.done(answer)
  })
  const broke = child.ended.then(
    () => Promise.reject(new StepFailed('psql', `the connection to ${server.at} ended`)),
    (error: unknown) => Promise.reject(inWords(error, server)),
  )
  broke.catch(() => undefined)

  const ask = async (sql: string): Promise<string> => {
    const mark = randomBytes(16).toString('hex')
    const answer = new Promise<string>((done) => (waiting = { mark, done }))
    child.stdin?.write(`${sql}\n\\echo ${mark}\n`)
    let late: NodeJS.Timeout | undefined
    const limit = new Promise<never>((_, reject) => {
      if (limitMs === 0) return
      late = setTimeout(() => {
        reject(new StepFailed('psql', `${server.at} did not answer within ${limitMs / 1000} s`))
        stop.abort()
      }, limitMs)
    })
    try {
      return await Promise.race([answer, broke, limit])
    } finally {
      clearTimeout(late)
      waiting = null
    }
  }
  const psql: Psql = {
    rows: async <T>(sql: string) =>
      JSON.parse(await ask(`SELECT coalesce(jsonb_agg(to_jsonb(q)), '[]') FROM (${sql}) q;`)) as T[],
    run: async (sql) => void (await ask(`${sql};`)),
    close: async () => {
      child.stdin?.end()
      await child.ended.catch(() => undefined)
    },
  }
  try {
    await ask(BEGIN + PATIENT)
  } catch (error) {
    stop.abort()
    await psql.close()
    throw error
  }
  return psql
}

/** Does the work with a connection that is closed afterwards, the transaction it may have open with it. */
export async function withPsql<T>(server: Server, options: Options, work: (psql: Psql) => Promise<T>): Promise<T> {
  const psql = await openPsql(server, options)
  try {
    return await work(psql)
  } finally {
    await psql.close()
  }
}

/** The server's major version. */
export async function versionOf(psql: Psql): Promise<number> {
  const [row] = await psql.rows<{ version: number }>("SELECT current_setting('server_version_num')::int AS version")
  return Math.floor((row?.version ?? 0) / 10_000)
}

/**
 * Runs statements to their end, failures included: psql has them all at once, so that it finishes even when this process
 * does not. Gives what went wrong, a line each.
 */
export async function runScript(server: Server, database: string, sql: string, limitMs: number): Promise<string[]> {
  const { err } = await execute({
    argv: PSQL,
    env: server.env(database),
    stdin: BEGIN + PATIENT + sql,
    idleMs: limitMs,
    timeoutMs: limitMs,
    okCodes: [0, 3],
  })
  return err.filter((line) => WRONG.test(line)).map((line) => line.replace(WRONG, ''))
}

const WRONG = /^(?:psql:[^:]*:\d+: )?(?:ERROR|FATAL|PANIC): +/

function inWords(error: unknown, server: Server): Error {
  if (!(error instanceof StepFailed)) return error instanceof Error ? error : new Error(String(error))
  const said = error.output.find((line) => /(?:ERROR|FATAL|PANIC): |^psql: error: /.test(line))
  if (said === undefined) return error
  const why = said.replace(/^psql: error: /, '').replace(WRONG, '')
  return new StepFailed('psql', said.startsWith('psql: error: ') ? `${server.at}: ${why}` : why, error.output)
}
