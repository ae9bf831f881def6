import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { postgres } from '../../../src/sources/postgres.ts'
import {
  describePostgres,
  NEEDS,
  postgresAtWork,
  roleLine,
  shims,
  startPostgres,
  type TestServer,
} from '../../helpers/postgres.ts'

const PATH = process.env['PATH'] ?? ''

describePostgres(`doctor on PostgreSQL${NEEDS}`, () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startPostgres()
    server.sql('postgres', 'CREATE DATABASE app', roleLine('plain'))
    server.sql(
      'app',
      'CREATE TABLE users (id int)',
      'ALTER TABLE users ENABLE ROW LEVEL SECURITY',
      'GRANT SELECT ON users TO plain',
    )
  })
  afterAll(() => server.stop())
  afterEach(() => {
    process.env['PATH'] = PATH
  })

  const place = (root: string) => ({ root, git: { remote: 'origin', branch: 'main' } })
  async function doctor(name: string, role?: string) {
    const { variable, root } = postgresAtWork(server, name, {}, role === undefined ? {} : { role })
    const checks = await postgres.doctor(postgres.options.parse({ url: `$${variable}` }), place(root))
    for (const check of checks) expect(check.ok === true || check.fix !== '').toBe(true)
    return Object.fromEntries(
      checks.map(({ id, ok, says }) => [id.replace('postgres.', ''), ok === true ? 'ok' : says]),
    )
  }

  test('finds nothing wrong where everything is right', async () => {
    expect(await doctor('app')).toEqual({
      tools: 'ok',
      database: 'ok',
      reads: 'ok',
      migrations: 'ok',
      swap: 'ok',
      room: 'ok',
      kept: 'ok',
    })
  })

  test('says what row-level security hides from the role, and why it could not restore in place', async () => {
    expect(await doctor('app', 'plain')).toMatchObject({
      reads: 'row-level security hides rows of users from it',
      swap: 'plain may not create databases (it lacks CREATEDB)',
    })
  })

  test('its reason why a restore in place cannot be is observed, so that a plan can hold before anything is done', async () => {
    const looked = async (role: string) => {
      const { variable, root } = postgresAtWork(server, 'app', {}, { role })
      return (await postgres.observe(postgres.options.parse({ url: `$${variable}` }), place(root))).detail
    }
    expect(await looked('plain')).toMatchObject({ swap: 'plain may not create databases (it lacks CREATEDB)' })
    expect(await looked('postgres')).toMatchObject({ swap: null })
  })

  test('says why a restore in place cannot be for who is not the owner', async () => {
    server.sql('postgres', roleLine('maker', 'CREATEDB'))
    expect(await doctor('app', 'maker')).toMatchObject({ swap: 'maker does not own app and is no member of postgres' })
  })

  test('names an empty database, one that is not there, a server that does not answer, and a URL that is none', async () => {
    server.sql('postgres', 'CREATE DATABASE blank')
    expect(await doctor('blank')).toMatchObject({ database: 'blank has no tables: is it the right database?' })
    expect(await doctor('mistyped')).toMatchObject({
      connection: expect.stringContaining('database "mistyped" does not exist'),
    })
    process.env['KG_TEST_WRONG_URL'] = 'mysql://ana:canary@host/app'
    const [check] = await postgres.doctor(postgres.options.parse({ url: '$KG_TEST_WRONG_URL' }), place('/'))
    expect(check).toMatchObject({
      ok: false,
      says: expect.stringContaining('KG_TEST_WRONG_URL does not hold a URL of PostgreSQL'),
    })
    expect(JSON.stringify(check)).not.toContain('canary')
  })

  test('fault 10, 11: names tools that are missing or older than the server', async () => {
    process.env['PATH'] = `${shims({ pg_restore: 'echo "pg_restore (PostgreSQL) 12.1"' })}:${PATH}`
    expect(await doctor('app')).toMatchObject({
      tools: expect.stringMatching(/^pg_restore 12\.1 is older than the server, which is \d+$/),
    })
    process.env['PATH'] = `${shims({ pg_restore: 'echo "pg_restore (PostgreSQL) 17.2"' })}:${PATH}`
    expect((await doctor('app'))['tools']).toMatch(
      /^ok$|^pg_restore 17\.2 cannot restore into a server of version 1\d$/,
    )
    process.env['PATH'] = '/nowhere'
    expect(await doctor('app')).toEqual({ tools: expect.stringContaining('psql was not found') })
  })

  test('uses PG* where no variable is named, and refuses a service file, which would win over it', async () => {
    Object.assign(process.env, server.env, { PGDATABASE: 'app' })
    try {
      const { detail } = await postgres.observe(postgres.options.parse({}), place('/'))
      expect(detail).toMatchObject({ database: 'app' })
      process.env['PGSERVICE'] = 'other'
      const { schema } = await postgres.observe(postgres.options.parse({}), place('/'))
      expect(schema).toMatchObject({ ok: false, because: expect.stringContaining('PGSERVICE') })
    } finally {
      for (const name of [...Object.keys(server.env), 'PGDATABASE', 'PGSERVICE']) delete process.env[name]
    }
  })
})
