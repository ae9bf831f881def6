import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { sqlite } from '../../src/sources/sqlite.ts'
import { temporaryFolder } from '../helpers/repository.ts'

const git = { remote: 'origin', branch: 'main' }

function database(...statements: string[]): string {
  const root = temporaryFolder()
  const opened = new DatabaseSync(join(root, 'app.db'))
  for (const statement of statements) opened.exec(statement)
  opened.close()
  return root
}

const look = (root: string, migrations = 'auto', path = 'app.db') =>
  sqlite.observe(sqlite.options.parse({ path, migrations }), { root, git })

describe('a schema revision', () => {
  test.each([
    [
      'prisma',
      'CREATE TABLE _prisma_migrations (migration_name TEXT, finished_at TEXT, rolled_back_at TEXT)',
      "INSERT INTO _prisma_migrations VALUES ('20250101_a', 'x', NULL), ('20250201_b', 'x', NULL), ('20250301_c', NULL, NULL), ('20250202_d', 'x', 'y')",
      '20250201_b',
    ],
    [
      'drizzle',
      'CREATE TABLE __drizzle_migrations (id INTEGER, hash TEXT, created_at NUMERIC)',
      "INSERT INTO __drizzle_migrations VALUES (1, 'aaaaaaaaaaaaaaaa', 10), (2, 'bbbbbbbbbbbbbbbb', 20)",
      '20-bbbbbbbbbbbb',
    ],
    [
      'knex',
      'CREATE TABLE knex_migrations (id INTEGER, name TEXT)',
      "INSERT INTO knex_migrations VALUES (1, '001_users.js'), (2, '002_orders.js')",
      '002_orders.js',
    ],
    [
      'django',
      'CREATE TABLE django_migrations (id INTEGER, app TEXT, name TEXT)',
      "INSERT INTO django_migrations VALUES (1, 'auth', '0001'), (2, 'shop', '0007')",
      'shop.0007',
    ],
    [
      'rails',
      'CREATE TABLE schema_migrations (version TEXT)',
      "INSERT INTO schema_migrations VALUES ('20250101'), ('20250301')",
      '20250301',
    ],
    [
      'alembic',
      'CREATE TABLE alembic_version (version_num TEXT)',
      "INSERT INTO alembic_version VALUES ('ae10')",
      'ae10',
    ],
    [
      'flyway',
      'CREATE TABLE flyway_schema_history (installed_rank INTEGER, version TEXT, success INTEGER)',
      "INSERT INTO flyway_schema_history VALUES (1, '1', 1), (2, '2', 1), (3, '3', 0)",
      '2',
    ],
    [
      'table',
      'CREATE TABLE migrations (id INTEGER, migration TEXT, batch INTEGER)',
      "INSERT INTO migrations VALUES (1, 'create_users', 1)",
      'create_users',
    ],
  ])('of %s is the newest that went through', async (engine, table, rows, revision) => {
    const root = database(table, rows)
    expect((await look(root)).schema).toMatchObject({ ok: true, value: revision })
    expect((await look(root, engine)).schema).toMatchObject({ ok: true, value: revision })
  })

  test('is null without a table of migrations, and unknown when the configured one is not there', async () => {
    const root = database('CREATE TABLE users (id INTEGER)')
    expect((await look(root)).schema).toMatchObject({ ok: true, value: null })
    expect((await look(root, 'knex')).schema).toMatchObject({
      ok: false,
      because: expect.stringContaining('knex_migrations'),
    })
  })

  test('of an empty table is null', async () => {
    expect((await look(database('CREATE TABLE knex_migrations (id INTEGER, name TEXT)'))).schema).toMatchObject({
      ok: true,
      value: null,
    })
  })
})

describe('the file', () => {
  test('is never made by looking for it', async () => {
    const root = temporaryFolder()
    expect((await look(root, 'auto', 'mistyped.db')).schema).toMatchObject({
      ok: false,
      because: 'there is no file mistyped.db',
    })
    expect(existsSync(join(root, 'mistyped.db'))).toBe(false)
  })

  test('that is no database, or no file, is unknown with a fix', async () => {
    const root = temporaryFolder()
    writeFileSync(join(root, 'text.db'), 'this is not a database, only a text of some length')
    mkdirSync(join(root, 'folder.db'))
    expect((await look(root, 'auto', 'text.db')).schema).toMatchObject({
      ok: false,
      because: expect.stringContaining('text.db'),
    })
    expect((await look(root, 'auto', 'folder.db')).schema).toMatchObject({ ok: false })
  })

  test('is read while somebody writes, and is left as it is', async () => {
    const root = database(
      'PRAGMA journal_mode = WAL',
      'CREATE TABLE knex_migrations (id INTEGER, name TEXT)',
      "INSERT INTO knex_migrations VALUES (1, 'one')",
    )
    const writer = new DatabaseSync(join(root, 'app.db'))
    writer.exec("BEGIN IMMEDIATE; INSERT INTO knex_migrations VALUES (2, 'two')")
    expect((await look(root)).schema).toMatchObject({ ok: true, value: 'one' })
    writer.exec('COMMIT')
    expect((await look(root)).schema).toMatchObject({ ok: true, value: 'two' })
    writer.close()
  })
})
