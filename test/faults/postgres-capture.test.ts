import { mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import {
  anotherClient,
  anyFileHolds,
  describePostgres,
  NEEDS,
  postgresAtWork,
  roleLine,
  shims,
  startPostgres,
  type TestServer,
} from '../helpers/postgres.ts'
import { temporaryFolder } from '../helpers/temp.ts'

const PATH = process.env['PATH'] ?? ''

describePostgres(`a dump of PostgreSQL${NEEDS}`, () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startPostgres()
    server.sql(
      'postgres',
      'CREATE DATABASE app',
      roleLine('reader'),
      roleLine('dumper'),
      'GRANT pg_read_all_data TO dumper',
    )
    server.sql(
      'app',
      'CREATE TABLE users (id int PRIMARY KEY, name text)',
      "INSERT INTO users SELECT n, 'person ' || n FROM generate_series(1, 100) n",
      'CREATE TABLE noise (x text)',
      "INSERT INTO noise SELECT string_agg(md5(n::text || i), '') FROM generate_series(1, 2000) n, generate_series(1, 30) i GROUP BY n",
    )
  })
  afterAll(() => server.stop())
  afterEach(() => {
    process.env['PATH'] = PATH
  })

  type Work = ReturnType<typeof postgresAtWork>

  /** It fails for this reason, leaves nothing behind, and closes every connection. */
  async function fails({ at, root }: Work, why: RegExp): Promise<void> {
    const step = at.captureStep()
    if (step === null) throw new Error('no step')
    await at.look(step)
    await expect(at.act(step)).rejects.toThrow(why)
    await at.undo(step)
    expect(filesBelow(root)).toEqual([])
    expect(await at.probe(step)).toMatchObject({ state: 'absent' })
    await vi.waitFor(() => expect(connections(server)).toBe('0'), 5000)
  }

  test('fault 1: a closed port or a wrong password fails, with the server’s words and without the password', async () => {
    const work = postgresAtWork(server, 'app')
    const url = process.env[work.variable] ?? ''
    process.env[work.variable] = url.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1')
    await fails(work, /127\.0\.0\.1:1: .*refused/i)
    process.env[work.variable] = url.replace(/postgres:[^/@]*@/, 'postgres:canary-4711@')
    await fails(work, /password authentication failed for user "postgres"/)
    expect(work.io.lines.join('\n')).not.toContain('canary-4711')
  })

  test('fault 2: a backend that is killed mid-dump leaves no dump', async () => {
    const kill = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY %' AND pid <> pg_backend_pid()`
    shim({
      pg_dump: `[ "$1" = --version ] && exec "$REAL" "$@"
        "$REAL" "$@" | { head -c 20000; psql -w -X -q -A -t -c "${kill}" >&2; cat; }
        exit \${PIPESTATUS[0]}`,
    })
    await fails(postgresAtWork(server, 'app'), /pg_dump.*ended with code 1/)
  })

  test('fault 3: a dumper that is killed leaves no dump, and the next one needs no repair', async () => {
    const note = join(temporaryFolder(), 'pid')
    shim({
      pg_dump: `[ "$1" = --version ] && exec "$REAL" "$@"
        { "$REAL" "$@" & echo $! > ${note}; wait $!; } | { head -c 20000; kill -9 $(cat ${note}); cat; }
        exit \${PIPESTATUS[0]}`,
    })
    const work = postgresAtWork(server, 'app')
    await fails(work, /pg_dump.*ended with code 137/)
    process.env['PATH'] = PATH
    expect((await work.at.capture()).parts[0]?.counts).toEqual({ users: 100, noise: 2000 })
  })

  test('fault 6: a locked table is waited for no longer than told, and named', async () => {
    const other = await anotherClient(server, 'app', 'BEGIN; LOCK TABLE users;')
    await fails(postgresAtWork(server, 'app', { lockTimeout: 1 }), /a table is locked.*1 s.*public\.users/)
    other.kill()
  })

  test('fault 7: a role that may not read a table is told which, and what to grant', async () => {
    await fails(postgresAtWork(server, 'app', {}, { role: 'reader' }), /reader cannot dump.*may not read noise/)
  })

  test('fault 8: rows that row-level security hides are found by the role’s own rights, and else by counts', async () => {
    server.sql('postgres', 'CREATE DATABASE rls')
    server.sql(
      'rls',
      'CREATE TABLE secrets (owner text)',
      "INSERT INTO secrets VALUES ('dumper'), ('somebody else')",
      'ALTER TABLE secrets ENABLE ROW LEVEL SECURITY',
      'CREATE POLICY own ON secrets USING (owner = current_user)',
    )
    await fails(postgresAtWork(server, 'rls', {}, { role: 'dumper' }), /row-level security hides rows of secrets/)
    shim({ pg_dump: `PGUSER=dumper exec "$REAL" "$@" $([ "$1" = --version ] || echo --enable-row-security)` })
    await fails(postgresAtWork(server, 'rls'), /secrets holds 1, not 2/)
  })

  test('fault 9: an empty or a wrong database is no backup, unless it is told to be empty', async () => {
    server.sql('postgres', 'CREATE DATABASE blank')
    await fails(postgresAtWork(server, 'blank'), /blank on 127\.0\.0\.1:\d+ has no tables/)
    await fails(postgresAtWork(server, 'mistyped'), /database "mistyped" does not exist/)
    const { parts } = await postgresAtWork(server, 'blank', { empty: true }).at.capture()
    expect(parts).toMatchObject([{ counts: {} }])
  })

  test('fault 10: a client older than the server is refused before anything is dumped', async () => {
    shim({ pg_dump: 'echo "pg_dump (PostgreSQL) 13.4"; touch "$0.ran-$1"' })
    await fails(postgresAtWork(server, 'app'), /pg_dump 13\.4 is older than the server, which is \d+/)
  })

  test('fault 11: a tool that is missing is named, with the package that has it', async () => {
    const folder = temporaryFolder()
    process.env['PATH'] = folder
    await fails(postgresAtWork(server, 'app'), /psql was not found/)
    symlinkSync(join(server.programs, 'psql'), join(folder, 'psql'))
    await fails(postgresAtWork(server, 'app'), /pg_dump was not found/)
  })

  test('fault 12: a whole dump whose dumper then failed is a failure', async () => {
    shim({ pg_dump: '"$REAL" "$@" && [ "$1" = --version ]' })
    await fails(postgresAtWork(server, 'app'), /pg_dump.*ended with code 1/)
  })

  test('fault 12: a dump that is cut short or lacks a table is a failure, even when its dumper says it went well', async () => {
    const version = '[ "$1" = --version ] && exec "$REAL" "$@";'
    shim({ pg_dump: `${version} "$REAL" "$@" | head -c 20000; exit 0` })
    await fails(postgresAtWork(server, 'app'), /cannot be read/)
    await fails(postgresAtWork(server, 'app', { format: 'plain' }), /cannot be read|cut short/)
    shim({ pg_dump: `${version} "$REAL" "$@" --exclude-table-data=users` })
    await fails(postgresAtWork(server, 'app'), /users is missing/)
    shim({ pg_dump: `${version} :` })
    await fails(postgresAtWork(server, 'app'), /is empty/)
  })

  test.each([
    ['that hangs', '"$REAL" "$@" | { head -c 20000; kill -STOP $BASHPID; }'],
    ['whose own child keeps its output open', '"$REAL" "$@"; sleep 300 &'],
  ])('fault 13: a dumper %s is ended after the idle time, and everything it started', async (_, script) => {
    shim({ pg_dump: `[ "$1" = --version ] && exec "$REAL" "$@"\n${script}` })
    await fails(postgresAtWork(server, 'app', { idleTimeout: 1 }), /said nothing for 1 s/)
  })

  test('that is stopped ends every program and connection, and leaves nothing', async () => {
    const stop = new AbortController()
    shim({
      pg_dump: `[ "$1" = --version ] && exec "$REAL" "$@"; "$REAL" "$@" | { head -c 20000; echo warning: half way >&2; sleep 300; }`,
    })
    const work = postgresAtWork(server, 'app', {}, { signal: stop.signal })
    const said = work.io.line
    Object.assign(work.io, { line: (text: string) => (text.includes('half way') ? stop.abort() : said(text)) })
    await fails(work, /stopped/)
  })

  test('fault 14: what is counted while others write is what is in the dump', async () => {
    server.sql('postgres', 'CREATE DATABASE busy')
    server.sql(
      'busy',
      'CREATE TABLE events (id serial, x text)',
      "INSERT INTO events (x) SELECT repeat('x', 100) FROM generate_series(1, 20000)",
    )
    const writer = await anotherClient(server, 'busy', `INSERT INTO events (x) VALUES ('more') \\watch 0.005`)
    const work = postgresAtWork(server, 'busy')
    const { parts } = await work.at.capture()
    const counted = parts[0]?.counts?.['events'] ?? 0
    await vi.waitFor(() =>
      expect(Number(server.sql('busy', 'SELECT count(*) FROM events')[0])).toBeGreaterThan(counted),
    )
    writer.kill()
    const steps = work.at.restoreSteps(parts, { live: false, dir: work.root, urlFrom: null })
    if (steps === null) throw new Error('no steps')
    expect(await work.at.run(steps.beside)).toMatchObject({ counts: { events: counted } })
    await work.at.run(steps.drop)
  })

  test('fault 67: the password is in no argument, no file and no line', async () => {
    const folder = temporaryFolder()
    const log = `printf '%s\\n' "$@" >> ${folder}/argv; exec "$REAL" "$@"`
    shim({ psql: log, pg_dump: log, pg_restore: log })
    process.env['XDG_RUNTIME_DIR'] = join(folder, 'runtime')
    mkdirSync(join(folder, 'runtime'))
    onTestFinished(() => void delete process.env['XDG_RUNTIME_DIR'])
    const work = postgresAtWork(server, 'app', { format: 'plain' })
    await work.at.capture()
    const word = new URL(process.env[work.variable] ?? '').password
    for (const form of [word, decodeURIComponent(word)]) {
      expect(anyFileHolds(folder, form)).toBe(false)
      expect(anyFileHolds(work.root, form)).toBe(false)
      expect(work.io.lines.join('\n')).not.toContain(form)
    }
    expect(readdirSync(join(folder, 'runtime'))).toEqual([])
    expect(JSON.stringify(work.at.captureStep())).not.toContain(word)
  })
})

function shim(programs: Record<string, string>): void {
  process.env['PATH'] = PATH
  process.env['PATH'] = `${shims(programs)}:${PATH}`
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
}

function connections(server: TestServer): string | undefined {
  return server.sql('postgres', "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'knowngood'")[0]
}
