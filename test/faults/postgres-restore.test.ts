import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  statfsSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Json } from '../../src/core/json.ts'
import type { Call, Step } from '../../src/core/plan.ts'
import { besideName } from '../../src/sources/postgres/names.ts'
import { endProcessesOf } from '../../src/world/orphans.ts'
import {
  describePostgres,
  NEEDS,
  postgresAtWork,
  roleLine,
  shims,
  startPostgres,
  type TestServer,
} from '../helpers/postgres.ts'
import { temporaryFolder } from '../helpers/temp.ts'
import { noMounts, volume } from '../helpers/volume.ts'

const RUN = 'restore-20261121_120000Z-a1b2'

describePostgres(`a restore of PostgreSQL${NEEDS}`, () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startPostgres()
    server.sql('postgres', roleLine('plain'))
  })
  afterAll(() => server.stop())

  /** A backup of two users, then a third: what is live differs from what is restored. */
  async function restoring(name: string, options: Record<string, unknown> = {}) {
    // What an earlier try of the same test left is not this one's.
    for (const old of [name, ...databases(name)]) server.sql('postgres', `DROP DATABASE IF EXISTS ${old} WITH (FORCE)`)
    server.sql('postgres', `CREATE DATABASE ${name}`)
    server.sql(
      name,
      'CREATE TABLE users (id int PRIMARY KEY, name text)',
      "INSERT INTO users VALUES (1, 'ana'), (2, 'ben')",
      'CREATE TABLE noise AS SELECT md5(n::text) AS x FROM generate_series(1, 5000) n',
    )
    const work = postgresAtWork(server, name, options, { run: RUN })
    const { parts } = await work.at.capture()
    server.sql(name, "INSERT INTO users VALUES (3, 'eve')", 'CREATE TABLE newer (x int)')
    const steps = work.at.restoreSteps(parts)
    const [part] = parts
    if (steps?.swap == null || part === undefined) throw new Error('no swap')
    const live = () => server.sql(name, 'SELECT name FROM users ORDER BY id').join(' ')
    return { ...work, part, beside: steps.beside, swap: steps.swap, live, file: join(work.at.stage, part.path) }
  }

  const databases = (name: string) =>
    server.sql('postgres', `SELECT datname FROM pg_database WHERE datname LIKE '${name}\\_%' ORDER BY 1`)

  test('fault 30, 31: a dump with a flipped byte or a missing end is refused before a database is made', async () => {
    const { at, part, file, live } = await restoring('rotten')
    // What has no recorded hash is read all the same.
    const steps = at.restoreSteps([{ ...part, sha256: '' }])
    const recorded = at.restoreSteps([part])
    if (steps === null || recorded === null) throw new Error('no steps')
    const { beside } = steps
    const whole = readFileSync(file)
    for (const share of [0.3, 0.6, 0.97]) {
      truncateSync(file, Math.floor(whole.length * share))
      await expect(at.act(beside)).rejects.toThrow(/cannot be read|cut short/)
      writeFileSync(file, whole)
    }
    const handle = openSync(file, 'r+')
    writeSync(
      handle,
      Buffer.from([(whole[Math.floor(whole.length / 2)] ?? 0) ^ 0xff]),
      0,
      1,
      Math.floor(whole.length / 2),
    )
    closeSync(handle)
    await expect(at.act(beside)).rejects.toThrow(/cannot be read|is not what was captured/)
    await expect(at.act(recorded.beside)).rejects.toThrow(/database\/data\.dump is damaged/)
    expect(databases('rotten')).toEqual([])
    expect(live()).toBe('ana ben eve')
  })

  test('fault 46: truncated plain SQL is refused, packed or not', async () => {
    const { at, part, file, live } = await restoring('cut', { format: 'plain' })
    const steps = at.restoreSteps([{ ...part, sha256: '' }])
    if (steps === null) throw new Error('no steps')
    const { beside } = steps
    const whole = readFileSync(file)
    truncateSync(file, whole.length - 9)
    await expect(at.act(beside)).rejects.toThrow(/cannot be read/)
    const sql = gunzipSync(whole)
    for (const bytes of [sql.length - 120, Math.floor(sql.length / 2)]) {
      writeFileSync(file, gzipSync(sql.subarray(0, bytes)))
      await expect(at.act(beside)).rejects.toThrow(/cut short/)
      writeFileSync(file, sql.subarray(0, bytes))
      await expect(at.act(beside)).rejects.toThrow(/cut short/)
    }
    // Cut between two tables, and the end put back: the rows are missed all the same.
    const text = sql.toString()
    const [before, after] = [text.indexOf('COPY public.users'), text.indexOf('-- PostgreSQL database dump complete')]
    writeFileSync(file, gzipSync(`${text.slice(0, before)}\n--\n${text.slice(after)}`))
    await expect(at.act(beside)).rejects.toThrow(/users is missing/)
    expect(databases('cut')).toEqual([])
    expect(live()).toBe('ana ben eve')
  })

  test('fault 47: tables newer than the backup are gone after the swap, and kept with the old database', async () => {
    const { at, beside, swap } = await restoring('newer_tables')
    await at.run(beside)
    const { kept } = (await at.run(swap)) as { kept: { before: string } }
    expect(server.sql('newer_tables', "SELECT to_regclass('newer') IS NULL")).toEqual(['t'])
    expect(server.sql(kept.before, "SELECT to_regclass('newer') IS NULL")).toEqual(['f'])
    expect(kept.before).toBe('newer_tables_before_20261121_120000z_a1b2')
  })

  test('is exchanged while clients come back again and again, and each sees the old rows or the new', async () => {
    const { at, beside, swap, root } = await restoring('busy')
    await at.run(beside)
    const log = join(root, 'seen')
    // psql ends with 2 when the connection is refused or lost: that is what a client sees of the moment itself.
    const ask = "out=$(psql -X -q -A -t -c 'SELECT count(*) FROM users' 2>&1)"
    const loop = `while [ ! -e ${root}/stop ]; do ${ask}; [ $? = 2 ] && out=refused; echo "$out" >> ${log}; done`
    const clients = [1, 2].map(() =>
      spawn('bash', ['-c', loop], {
        env: { ...process.env, ...server.env, PGDATABASE: 'busy', PATH: `${server.programs}:${process.env['PATH']}` },
        stdio: 'ignore',
      }),
    )
    const ended = clients.map(async (client) => once(client, 'exit'))
    const said = () => (existsSync(log) ? readFileSync(log, 'utf8') : '').split('\n').filter((line) => line !== '')
    await vi.waitFor(() => expect(said()).toContain('3'), 5000)
    await at.run(swap)
    await vi.waitFor(() => expect(said()).toContain('2'), 5000)
    writeFileSync(join(root, 'stop'), '')
    await Promise.all(ended)
    // Who was refused asks again; what nobody sees again after the new rows are the old ones.
    expect(
      said()
        .filter((line) => line !== 'refused')
        .join(''),
    ).toMatch(/^3+2+$/)
    expect(said().filter((line) => !/^(?:2|3|refused)$/.test(line))).toEqual([])
  })

  test('fault 48: a schema that comes out at another revision than was recorded is refused, both named', async () => {
    const { at, part, live } = await restoring('revised')
    const steps = at.restoreSteps([{ ...part, schema: '0007_later' }])
    if (steps === null) throw new Error('no steps')
    await expect(at.run(steps.beside)).rejects.toThrow('the schema came out at no revision, not at 0007_later')
    await at.undo(steps.beside)
    expect(databases('revised')).toEqual([])
    expect(live()).toBe('ana ben eve')
  })

  test('rows that do not come out are found by counting', async () => {
    const { at, part } = await restoring('short')
    const steps = at.restoreSteps([part])
    if (steps === null) throw new Error('no steps')
    await at.look(steps.beside)
    const path = process.env['PATH'] ?? ''
    process.env['PATH'] =
      `${shims({ pg_restore: '[ "$1" = -w ] || exec "$REAL" "$@"; "$REAL" "$@" && psql -w -X -q -c "DELETE FROM users WHERE id = 1"' })}:${path}`
    try {
      await expect(at.act(steps.beside)).rejects.toThrow('users holds 1, not 2')
    } finally {
      process.env['PATH'] = path
    }
    await at.undo(steps.beside)
    expect(databases('short')).toEqual([])
  })

  test.each([1, 2, 3])(
    'fault 45: killed while it is filled beside (%i), the live one is untouched, and what it made is removed or made again',
    async (when) => {
      const { at, root, beside, live } = await restoring(`filled_${when}`)
      await at.look(beside)
      await killed(root, beside, at.was[beside.id] ?? null, when)
      expect(live()).toBe('ana ben eve')
      expect(await at.probe(beside)).toMatchObject({ state: when === 1 ? 'absent' : 'partial' })
      await at.undo(beside)
      expect(databases(`filled_${when}`)).toEqual([])
      await at.run(beside)
      await at.undo(beside)
      expect(databases(`filled_${when}`)).toEqual([])
    },
  )

  test('fault 45: killed after any statement of the exchange, the live name has the old or the new database, whole', async () => {
    const { at, root, beside, swap, live } = await restoring('killed')
    await at.run(beside)
    const path = process.env['PATH'] ?? ''
    const outcomes: string[] = []
    const finished: string[] = []
    // The exchange is the one script psql is given as a whole: it gets the first lines only, and both it and its parent die.
    for (const lines of [6, 7, 8, 17, 19, 20, 22, 23, 24]) {
      await at.look(swap)
      const shim = shims({
        psql: `case "$*" in *ON_ERROR_STOP*) exec "$REAL" "$@";; esac
          head -n ${lines} | "$REAL" "$@"
          kill -9 $PPID`,
      })
      process.env['PATH'] = `${shim}:${path}`
      await killed(root, swap, at.was[swap.id] ?? null, 0)
      process.env['PATH'] = path
      const { state } = await at.probe(swap)
      const closed = server.sql(
        'postgres',
        "SELECT datname FROM pg_database WHERE NOT datallowconn AND datname = 'killed'",
      )
      outcomes.push(state)
      expect(['absent', 'partial', 'done'], `${lines} lines: ${JSON.stringify(await at.probe(swap))}`).toContain(state)
      const whole = state === 'done' ? 'ana ben' : 'ana ben eve'
      expect(closed.length === 0 ? live() : whole).toBe(whole)
      if (state === 'partial' && lines % 2 === 0) {
        await at.undo(swap)
        await at.act(swap)
        finished.push(live())
      }
      await at.undo(swap)
      expect(live()).toBe('ana ben eve')
      expect(await at.probe(swap)).toMatchObject({ state: 'absent' })
      expect(await at.probe(beside)).toMatchObject({ state: 'done' })
    }
    expect(new Set(finished)).toEqual(new Set(['ana ben']))
    expect(new Set(outcomes)).toEqual(new Set(['absent', 'partial', 'done']))
    await at.undo(beside)
    expect(databases('killed')).toEqual([])
  }, 180_000)

  test('a database that is gone altogether is put back, and nothing is kept', async () => {
    const { at, beside, swap, live } = await restoring('gone')
    server.sql('postgres', 'DROP DATABASE gone')
    await at.run(beside)
    expect(await at.run(swap)).toEqual({ kept: null })
    expect(live()).toBe('ana ben')
    await at.undo(swap)
    expect(await at.probe(swap)).toMatchObject({ state: 'absent' })
    await at.undo(beside)
    expect(databases('gone')).toEqual([])
  })

  test('somebody else’s exchange is told from ours, and left alone', async () => {
    const { at, beside, swap } = await restoring('foreign_swap')
    await at.run(beside)
    await at.look(swap)
    server.sql('postgres', 'ALTER DATABASE foreign_swap RENAME TO foreign_swap_away', 'CREATE DATABASE foreign_swap')
    expect(await at.probe(swap)).toMatchObject({ state: 'foreign' })
    await expect(at.act(swap)).rejects.toThrow(/exchanged by somebody else/)
    await expect(at.undo(swap)).rejects.toThrow(/exchanged by somebody else/)
  })

  test('a role that may not create databases is held, with the reason, before anything is made', async () => {
    const { at, part } = await restoring('managed')
    server.sql('postgres', 'GRANT pg_read_all_data TO plain')
    const other = postgresAtWork(server, 'managed', {}, { role: 'plain', run: RUN })
    const steps = other.at.restoreSteps([part])
    if (steps === null) throw new Error('no steps')
    mkdirSync(join(other.at.stage, 'database'))
    copyFileSync(join(at.stage, part.path), join(other.at.stage, part.path))
    await expect(other.at.act(steps.beside)).rejects.toMatchObject({
      exit: 3,
      why: expect.stringContaining('CREATEDB'),
    })
    expect(databases('managed')).toEqual([])
  })

  test('a missing role is named before anything is made', async () => {
    server.sql('postgres', 'CREATE ROLE leaver')
    const { at } = await restoring('roles')
    const first = at.captureStep()
    if (first === null) throw new Error('no step')
    await at.undo(first)
    server.sql('roles', 'CREATE TABLE his (x int)', 'ALTER TABLE his OWNER TO leaver')
    const { parts } = await at.capture()
    server.sql('roles', 'DROP OWNED BY leaver')
    server.sql('postgres', 'DROP ROLE leaver')
    const steps = at.restoreSteps(parts)
    if (steps === null) throw new Error('no steps')
    await expect(at.act(steps.beside)).rejects.toMatchObject({ exit: 3, why: 'missing: leaver' })
    expect(databases('roles')).toEqual([])
  })

  test.skipIf(noMounts)(
    'fault 50: the server’s disk fills while a database is filled beside: it is removed, and the live one goes on (needs root)',
    async () => {
      const root = temporaryFolder()
      chmodSync(root, 0o755)
      const owner = execFileSync('id', ['-u', 'postgres'], { encoding: 'utf8' }).trim()
      const folder = volume(join(root, 'small'), `size=48m,mode=0700,uid=${owner}`)
      server.sql('postgres', `CREATE TABLESPACE small LOCATION '${folder}'`, 'CREATE DATABASE tight TABLESPACE small')
      server.sql('tight', "CREATE TABLE users AS SELECT n, repeat('x', 100) AS x FROM generate_series(1, 80000) n")
      const { at } = postgresAtWork(server, 'tight', {}, { run: RUN })
      const { parts } = await at.capture()
      const steps = at.restoreSteps(parts)
      if (steps === null) throw new Error('no steps')
      const { bavail, bsize } = statfsSync(folder)
      writeFileSync(join(folder, 'filler'), Buffer.alloc(bavail * bsize - 10_000_000))
      await at.look(steps.beside)
      await expect(at.act(steps.beside)).rejects.toThrow(
        /pg_restore stopped: .*(?:No space left|could not extend file)/,
      )
      await at.undo(steps.beside)
      expect(databases('tight')).toEqual([])
      expect(server.sql('tight', 'INSERT INTO users VALUES (0); SELECT count(*) FROM users')).toEqual(['80001'])
      server.sql('postgres', 'DROP DATABASE tight', 'DROP TABLESPACE small')
    },
  )

  test('fault 49: a snapshot that fails leaves nothing, so that a restore which waits for it never starts', async () => {
    const { at, root, live } = await restoring('no_room')
    const step = at.captureStep()
    if (step === null) throw new Error('no step')
    await at.undo(step)
    const path = process.env['PATH'] ?? ''
    // As a full disk says it: the dumper writes what fits and ends.
    process.env['PATH'] =
      `${shims({ pg_dump: '[ "$1" = --version ] && exec "$REAL" "$@"; "$REAL" "$@" > /dev/full' })}:${path}`
    try {
      await expect(at.act(step)).rejects.toThrow(/pg_dump.*ended with code 1.*No space left/)
    } finally {
      process.env['PATH'] = path
    }
    await at.undo(step)
    expect(() => statSync(join(root, 'stage/database/data.dump'))).toThrow('ENOENT')
    expect(databases('no_room')).toEqual([])
    expect(live()).toBe('ana ben eve')
  })

  /** The step's call in a process of its own, which is killed. */
  async function killed(root: string, step: Step, was: Json, when: number): Promise<void> {
    const [action] = step.actions as [Call]
    const given = { ...(action.input as object), was }
    const place = { incoming: besideName((was as { live?: string } | null)?.live ?? '', RUN) }
    const input = JSON.stringify(action.name === 'postgres.exchange' ? { ...given, ...place } : given)
    const program = new URL('../fixtures/postgres-killed.ts', import.meta.url).pathname
    const { signal, stderr } = spawnSync(
      process.execPath,
      ['--no-warnings', program, root, action.name, input, String(when)],
      { env: { ...process.env, KNOWNGOOD_RUN: `${RUN}${process.pid}` }, encoding: 'utf8' },
    )
    expect(signal, stderr).toBe('SIGKILL')
    await endProcessesOf(`${RUN}${process.pid}`)
  }
})
