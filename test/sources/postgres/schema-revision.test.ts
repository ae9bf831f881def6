import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describePostgres, NEEDS, postgresAtWork, startPostgres, type TestServer } from '../../helpers/postgres.ts'
import { temporaryFolder } from '../../helpers/temp.ts'
import { postgres } from '../../../src/sources/postgres.ts'

const everything = process.env['KNOWNGOOD_REQUIRE_ALL'] === '1'
const ALEMBIC = ['-c', 'import alembic, psycopg2']
const alembicThere = spawnSync('/usr/bin/python3', ALEMBIC).status === 0

describePostgres(`a schema revision in PostgreSQL${NEEDS}`, () => {
  let server: TestServer
  let made = 0
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.stop())

  function database(...statements: string[]): string {
    const name = `app_${(made += 1)}`
    server.sql('postgres', `CREATE DATABASE ${name}`)
    if (statements.length > 0) server.sql(name, ...statements)
    return name
  }
  const look = async (name: string, migrations = 'auto') => {
    const { variable, root } = postgresAtWork(server, name)
    const options = postgres.options.parse({ url: `$${variable}`, migrations })
    const place = { root, git: { remote: 'origin', branch: 'main' } }
    return { ...(await postgres.observe(options, place)), checks: await postgres.doctor(options, place) }
  }

  // The tables as each tool makes them itself.
  test.each([
    [
      'prisma',
      `CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz,
        migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count int NOT NULL DEFAULT 0)`,
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, rolled_back_at) VALUES
        ('1', 'x', '20250101000000_a', now(), NULL), ('2', 'x', '20250201000000_b', now(), NULL), ('3', 'x', '20250202000000_d', now(), now())`,
      '20250201000000_b',
    ],
    [
      'drizzle',
      'CREATE SCHEMA drizzle; CREATE TABLE drizzle.__drizzle_migrations (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint)',
      "INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('bbbbbbbbbbbbbbbb', 1700000000020), ('aaaaaaaaaaaaaaaa', 1700000000010)",
      '1700000000020-bbbbbbbbbbbb',
    ],
    [
      'knex',
      'CREATE TABLE knex_migrations (id serial PRIMARY KEY, name varchar(255), batch int, migration_time timestamptz)',
      "INSERT INTO knex_migrations (name, batch) SELECT 'm' || n || '.js', 1 FROM generate_series(1, 12) n",
      'm12.js',
    ],
    [
      'django',
      'CREATE TABLE django_migrations (id bigserial PRIMARY KEY, app varchar(255), name varchar(255), applied timestamptz DEFAULT now())',
      "INSERT INTO django_migrations (app, name) VALUES ('auth', '0012_x'), ('shop', '0007_y')",
      'shop.0007_y',
    ],
    [
      'rails',
      'CREATE TABLE schema_migrations (version varchar PRIMARY KEY)',
      "INSERT INTO schema_migrations VALUES ('20250301000000'), ('20250101000000')",
      '20250301000000',
    ],
    [
      'laravel',
      'CREATE TABLE migrations (id serial PRIMARY KEY, migration varchar(255), batch int)',
      "INSERT INTO migrations (migration, batch) VALUES ('2025_01_01_create_users', 1), ('2025_02_01_create_orders', 2)",
      '2025_02_01_create_orders',
    ],
    [
      'flyway',
      `CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version varchar(50), description varchar(200), type varchar(20), script varchar(1000),
        checksum int, installed_by varchar(100), installed_on timestamp DEFAULT now(), execution_time int, success boolean)`,
      "INSERT INTO flyway_schema_history (installed_rank, version, success) VALUES (1, '1', true), (2, '2.1', true), (3, NULL, true)",
      '2.1',
    ],
    [
      'alembic',
      'CREATE SCHEMA migrations_of_ours; CREATE TABLE migrations_of_ours.alembic_version (version_num varchar(32) PRIMARY KEY)',
      "INSERT INTO migrations_of_ours.alembic_version VALUES ('ae1027a6acf')",
      'ae1027a6acf',
    ],
  ])('of %s is the newest that went through', async (engine, table, rows, revision) => {
    const name = database(table, rows)
    expect((await look(name)).schema).toMatchObject({ ok: true, value: revision })
    expect((await look(name, engine)).schema).toMatchObject({ ok: true, value: revision })
  })

  test('that failed in Prisma is reported, by doctor and with every backup', async () => {
    const name = database(
      `CREATE TABLE _prisma_migrations (id varchar(36), finished_at timestamptz, migration_name varchar(255), rolled_back_at timestamptz)`,
      "INSERT INTO _prisma_migrations VALUES ('1', now(), '20250101_a', NULL), ('2', NULL, '20250201_b', NULL)",
    )
    const { schema, detail, checks } = await look(name)
    expect(schema).toMatchObject({ ok: true, value: '20250101_a' })
    expect(detail).toMatchObject({ failed: ['20250201_b'], database: name, server: expect.stringMatching(/^\d+/) })
    expect(checks).toContainEqual(
      expect.objectContaining({ id: 'postgres.migrations', ok: false, says: 'failed migrations: 20250201_b' }),
    )
    const { doubts, parts } = await postgresAtWork(server, name).at.capture()
    expect(doubts).toEqual(['migration 20250201_b had failed in the database'])
    expect(parts[0]?.schema).toBe('20250101_a')
  })

  test('is null without a table of migrations, and unknown when the configured one is not there', async () => {
    const name = database()
    expect((await look(name)).schema).toMatchObject({ ok: true, value: null })
    expect((await look(name, 'knex')).schema).toMatchObject({
      ok: false,
      because: expect.stringContaining('knex_migrations'),
    })
  })

  test.skipIf(!alembicThere && !everything)(
    'of real Alembic is its heads, several of them too (needs alembic, python3-psycopg2)',
    async () => {
      const name = database()
      const folder = temporaryFolder()
      const url = server.url(name).replace('postgres://', 'postgresql://')
      const alembic = (...words: string[]) =>
        execFileSync('/usr/bin/python3', ['-m', 'alembic', ...words], { cwd: folder, stdio: 'pipe', encoding: 'utf8' })
      alembic('init', 'migrations')
      writeFileSync(
        join(folder, 'alembic.ini'),
        `[alembic]\nscript_location = migrations\nsqlalchemy.url = ${url.replaceAll('%', '%%')}\n`,
      )
      writeFileSync(
        join(folder, 'migrations/env.py'),
        `from alembic import context
from sqlalchemy import create_engine
with create_engine(context.config.get_main_option('sqlalchemy.url')).connect() as c:
    context.configure(connection=c)
    with context.begin_transaction():
        context.run_migrations()
`,
      )
      alembic('revision', '-m', 'one', '--rev-id', 'aaa111')
      alembic('upgrade', 'head')
      expect((await look(name)).schema).toMatchObject({ ok: true, value: 'aaa111' })
      alembic('revision', '-m', 'left', '--rev-id', 'ccc333')
      alembic('revision', '-m', 'right', '--rev-id', 'bbb222', '--head', 'aaa111', '--splice')
      alembic('upgrade', 'heads')
      expect((await look(name)).schema).toMatchObject({ ok: true, value: 'bbb222,ccc333' })
    },
  )
})
