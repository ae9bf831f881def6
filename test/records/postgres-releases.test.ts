import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { bookCalls } from '../../src/calls/books.ts'
import { checkRecords } from '../../src/commands/doctor-records.ts'
import { observe } from '../../src/facts/observe.ts'
import type { NewRelease } from '../../src/records/release-record.ts'
import { addReleases, readReleases } from '../../src/records/releases.ts'
import {
  anotherClient,
  describePostgres,
  NEEDS,
  roleLine,
  startPostgres,
  type TestServer,
} from '../helpers/postgres.ts'
import { testIo } from '../helpers/io.ts'
import { projectAt } from '../helpers/project.ts'
import { repository } from '../helpers/repository.ts'

const BASE = `"version" text, "deploymentType" text NOT NULL, "backupPath" text NOT NULL, "schemaRevision" text`
const PRISMA = `${BASE}, "recordedAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP`
const at = '2025-11-21T12:00:00.000Z'

function row(run: string | null, more: Partial<NewRelease> = {}): NewRelease {
  return {
    version: '1.5.0',
    deploymentType: 'release',
    backupPath: `backups/${run}`,
    schemaRevision: '20260130180000_add_release_record',
    recordedAt: at,
    tag: 'prod-2025-11-21',
    commitSha: 'a'.repeat(40),
    buildId: 'abc',
    operator: 'ana',
    outcome: 'certified',
    run,
    ...more,
  }
}

describePostgres(`release records in PostgreSQL${NEEDS}`, () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startPostgres()
    server.sql('postgres', roleLine('deployer'))
  })
  afterAll(() => server.stop())

  let count = 0
  /** A database with these things in it, and its records. */
  const database = (statements: string[] = [], { role = 'postgres', query = '' } = {}) => {
    const name = `records_${++count}`
    server.sql('postgres', `CREATE DATABASE ${name}`)
    if (statements.length > 0) server.sql(name, ...statements)
    return { name, sql: (sql: string) => server.sql(name, sql), ...recordsAt(server.url(name, role) + query) }
  }
  const recordsAt = (url: string) => {
    const variable = `KG_RECORDS_${++count}_URL`
    process.env[variable] = url
    const where = { root: '/nowhere', url: `$${variable}` }
    return {
      where,
      project: (root = '/nowhere') => projectAt(root, { records: { url: where.url } }),
      add: async (...rows: NewRelease[]) => addReleases(where, rows),
      list: async (limit = 10) => readReleases(where, limit),
      doctor: async () =>
        (await checkRecords(projectAt('/nowhere', { records: { url: where.url } }), new AbortController().signal))[0],
    }
  }

  test('before the first release nothing is made; then one table, and a run is recorded once', async () => {
    const { add, list, sql, doctor } = database()
    expect(await list()).toEqual([])
    expect(sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).toEqual(['0'])
    expect(await doctor()).toMatchObject({ ok: true, says: expect.stringContaining('the first one makes their table') })
    const later = row('two', { recordedAt: '2025-11-22T12:00:00.000Z', outcome: 'rollback', tag: null })
    expect(await add(row('one'), row('one', { version: '9' }), later)).toEqual([
      { id: 1, added: true },
      { id: 1, added: false },
      { id: 2, added: true },
    ])
    expect(await add(row(null, { backupPath: 'backups/one' }))).toEqual([{ id: 1, added: false }])
    expect(await list()).toEqual([
      { id: 2, ...later },
      { id: 1, ...row('one') },
    ])
    expect(await list(1)).toHaveLength(1)
    expect(await doctor()).toMatchObject({ ok: true, says: expect.stringContaining('"public"."ReleaseRecord"') })
  })

  test('a run that died after it recorded finds its own row again', async () => {
    const { where } = database()
    const io = testIo('/nowhere')
    const input = { url: where.url, row: row(io.run) }
    expect(await bookCalls['record.probe'](input, io)).toMatchObject({ state: 'absent' })
    expect(await bookCalls['record.insert'](input, io)).toEqual({ id: 1 })
    expect(await bookCalls['record.probe'](input, io)).toMatchObject({ state: 'done', gives: { id: 1 } })
    expect(await bookCalls['record.insert'](input, io)).toEqual({ id: 1 })
  })

  test('eight operators at once make one table, keep each their row, and one run has one row', async () => {
    const { add, list } = database(['ALTER ROLE postgres SET default_transaction_isolation = serializable'])
    onTestFinished(() => void server.sql('postgres', 'ALTER ROLE postgres RESET ALL'))
    const all = await Promise.all(Array.from({ length: 8 }, (_, index) => add(row(`run-${index}`), row('the same'))))
    expect(all.filter(([own]) => own?.added === true)).toHaveLength(8)
    expect(all.filter(([, shared]) => shared?.added === true)).toHaveLength(1)
    const runs = (await list(100)).map(({ run }) => run)
    expect(runs).toHaveLength(9)
    expect(new Set(runs)).toEqual(new Set(['the same', ...Array.from({ length: 8 }, (_, index) => `run-${index}`)]))
  })

  test.each([
    ['serial', '"id" serial PRIMARY KEY', /^[12]$/],
    ['an identity', '"id" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY', /^[12]$/],
    ['a number without default', '"id" int PRIMARY KEY', /^[12]$/],
    ['uuid with a default', '"id" uuid PRIMARY KEY DEFAULT gen_random_uuid()', /^[0-9a-f-]{36}$/],
    ['uuid without one', '"id" uuid PRIMARY KEY', /^[0-9a-f-]{36}$/],
    ['the text of a cuid', '"id" varchar(25) PRIMARY KEY', /^c[0-9a-z]{24}$/],
  ])('a table the team made itself is used as it is, its id being %s', async (_, id, form) => {
    const { add, list, sql, doctor } = database([`CREATE TABLE "ReleaseRecord" (${id}, ${PRISMA})`])
    const [first] = await add(row('one'))
    expect([String(first?.id), first?.added]).toEqual([expect.stringMatching(form), true])
    // It has no run: the backup says which release it is.
    expect(await add(row('one'))).toEqual([{ id: first?.id, added: false }])
    // It cannot say that a release was rolled back.
    expect(await add(row('two', { outcome: 'rollback' }))).toEqual([{ id: 0, added: false }])
    await add(row('three', { recordedAt: '2025-11-23T01:02:03.004Z' }))
    expect(await list()).toMatchObject([
      { recordedAt: '2025-11-23T01:02:03.004Z', tag: null, outcome: 'certified', run: null },
      { version: '1.5.0', deploymentType: 'release', backupPath: 'backups/one', recordedAt: at },
    ])
    expect(sql(`SELECT "recordedAt" FROM "ReleaseRecord" ORDER BY 1`)[0]).toBe('2025-11-21 12:00:00')
    expect(sql(`SELECT count(*) FROM information_schema.columns WHERE table_name = 'ReleaseRecord'`)).toEqual(['6'])
    expect(await doctor()).toMatchObject({ ok: true, says: expect.stringContaining('certified releases only') })
  })

  test('of a team that keeps more, what its table has is used: an enumeration, updatedAt, tag and outcome, a schema of its own', async () => {
    const table = (schema: string) =>
      `CREATE TABLE ${schema}."ReleaseRecord" ("id" text PRIMARY KEY, "version" text NOT NULL, "deploymentType" kind NOT NULL,
        "backupPath" text NOT NULL, "schemaRevision" text NOT NULL, "recordedAt" timestamptz NOT NULL, "tag" text,
        "outcome" text, "updatedAt" timestamp(3) NOT NULL, "note" text)`
    const { add, list, sql } = database(
      [`CREATE TYPE kind AS ENUM ('RELEASE', 'PATCH')`, 'CREATE SCHEMA shop', table('public'), table('shop')],
      { query: '?schema=shop&connection_limit=5' },
    )
    await add(row('one', { deploymentType: 'patch', version: null, outcome: 'rollback' }))
    expect(await list()).toMatchObject([
      {
        deploymentType: 'patch',
        version: null,
        tag: 'prod-2025-11-21',
        outcome: 'rollback',
        recordedAt: at,
        operator: null,
      },
    ])
    expect(sql(`SELECT "deploymentType", "updatedAt" FROM shop."ReleaseRecord"`)).toEqual(['PATCH|2025-11-21 12:00:00'])
    expect(sql(`SELECT count(*) FROM public."ReleaseRecord"`)).toEqual(['0'])
  })

  test('text is data', async () => {
    const { add, list } = database()
    const version = `'); DROP TABLE "ReleaseRecord"; -- \\echo :x \\\\ "Größe"\n\\q`
    await add(row('one', { version }), row(`two'`))
    expect((await list()).map((one) => [one.run, one.version])).toEqual([
      [`two'`, '1.5.0'],
      ['one', version],
    ])
    expect(await add(row(`two'`))).toMatchObject([{ added: false }])
  })

  test('a table that cannot take a release says why, and so does a role that may not write', async () => {
    const wants = database([`CREATE TABLE "ReleaseRecord" ("id" serial, ${PRISMA}, "site" text NOT NULL)`])
    await expect(wants.add(row('one'))).rejects.toMatchObject({ exit: 3, why: expect.stringContaining('"site"') })
    expect(await wants.doctor()).toMatchObject({ ok: false, says: expect.stringContaining('it wants "site"') })

    const read = [
      `CREATE TABLE "ReleaseRecord" ("id" serial, ${PRISMA})`,
      'GRANT SELECT ON "ReleaseRecord" TO deployer',
    ]
    const reader = database(read, { role: 'deployer' })
    expect(await reader.list()).toEqual([])
    await expect(reader.add(row('one'))).rejects.toThrow('permission denied for table ReleaseRecord')
    expect(await reader.doctor()).toMatchObject({ ok: false, fix: expect.stringContaining('GRANT INSERT ON') })

    const empty = database([], { role: 'deployer' })
    await expect(empty.add(row('one'))).rejects.toThrow('permission denied for schema public')
    expect(await empty.doctor()).toMatchObject({ ok: false, fix: expect.stringContaining('GRANT CREATE') })

    const schemas = ['a', 'b'].flatMap((name) => [
      `CREATE SCHEMA ${name}`,
      `CREATE TABLE ${name}."ReleaseRecord" ("id" serial, ${PRISMA})`,
    ])
    await expect(database(schemas).list()).rejects.toMatchObject({ why: expect.stringContaining('each of a, b') })
  })

  test('records that cannot be read keep no screen waiting: they are unknown, and it says why', async () => {
    const silent: Socket[] = []
    const deaf = createServer((socket) => void silent.push(socket)).listen(0, '127.0.0.1')
    await once(deaf, 'listening')
    onTestFinished(() => {
      for (const socket of silent) socket.destroy()
      deaf.close()
    })
    const never = recordsAt(`postgres://ana:hunter2@127.0.0.1:${(deaf.address() as AddressInfo).port}/x`)
    await expect(readReleases(never.where, 10, 100)).rejects.toThrow('did not answer within 0.1 s')

    const root = repository().root
    const gone = recordsAt('postgres://ana:hunter2@127.0.0.1:1/x')
    const look = async (url: string) =>
      (await observe(projectAt(root, { records: { url } }), { only: ['releases'], live: false })).releases
    expect(await look(gone.where.url)).toMatchObject({
      ok: false,
      because: expect.stringContaining('127.0.0.1:1'),
      fix: expect.stringContaining('psql "$KG_RECORDS_'),
    })
    expect(await look('$KG_NOT_SET')).toMatchObject({ ok: false, because: expect.stringContaining('KG_NOT_SET') })
    expect(await gone.doctor()).toMatchObject({ ok: false, says: expect.not.stringContaining('hunter2') })
  })

  test('a writer waits for another one, and a run that is stopped does not wait', async () => {
    const { name, where, add, list } = database()
    await add(row('one'))
    await anotherClient(server, name, `BEGIN; SELECT pg_advisory_xact_lock(7305804402566165);`)
    const stop = new AbortController()
    const waiting = addReleases({ ...where, signal: stop.signal }, [row('two')])
    waiting.catch(() => undefined)
    await expect
      .poll(() => server.sql(name, "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory'"))
      .toEqual(['1'])
    stop.abort()
    await expect(waiting).rejects.toThrow()
    expect((await list()).map(({ run }) => run)).toEqual(['one'])
  })
})
