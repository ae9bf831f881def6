import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import knex from 'knex'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postgres } from '../../../src/sources/postgres.ts'
import { describePostgres, NEEDS, postgresAtWork, startPostgres, type TestServer } from '../../helpers/postgres.ts'
import { temporaryFolder } from '../../helpers/temp.ts'

/** The migrators themselves make their tables here; the other tests of revisions use the tables' shapes. */
describePostgres(`the migrators' own runs${NEEDS}`, () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.stop())

  const revision = async (database: string) => {
    const { variable, root } = postgresAtWork(server, database)
    const options = postgres.options.parse({ url: `$${variable}`, migrations: 'auto' })
    const seen = await postgres.observe(options, { root, git: { remote: 'origin', branch: 'main' } })
    return seen.schema
  }

  test('Knex: the newest migration by its file', async () => {
    server.sql('postgres', 'CREATE DATABASE by_knex')
    const folder = temporaryFolder()
    for (const name of ['20250101_users.mjs', '20250201_orders.mjs']) {
      const table = name.slice(9, -4)
      writeFileSync(
        join(folder, name),
        `export const up = (knex) => knex.schema.createTable('${table}', (t) => t.increments())\nexport const down = (knex) => knex.schema.dropTable('${table}')\n`,
      )
    }
    const database = knex({
      client: 'pg',
      connection: server.url('by_knex'),
      migrations: { directory: folder, loadExtensions: ['.mjs'] },
    })
    try {
      await database.migrate.up()
      expect(await revision('by_knex')).toMatchObject({ ok: true, value: '20250101_users.mjs' })
      await database.migrate.latest()
      expect(await revision('by_knex')).toMatchObject({ ok: true, value: '20250201_orders.mjs' })
      await database.migrate.down()
      expect(await revision('by_knex')).toMatchObject({ ok: true, value: '20250101_users.mjs' })
    } finally {
      await database.destroy()
    }
  })

  test('Drizzle: the newest migration by its time and the hash of its file', async () => {
    server.sql('postgres', 'CREATE DATABASE by_drizzle')
    const folder = temporaryFolder()
    const sql = 'CREATE TABLE users (id serial PRIMARY KEY);'
    mkdirSync(join(folder, 'meta'))
    writeFileSync(join(folder, '0000_users.sql'), sql)
    const entries = [{ idx: 0, version: '7', when: 1_763_700_000_000, tag: '0000_users', breakpoints: true }]
    writeFileSync(join(folder, 'meta/_journal.json'), JSON.stringify({ version: '7', dialect: 'postgresql', entries }))
    const client = new Client(server.url('by_drizzle'))
    await client.connect()
    try {
      await migrate(drizzle(client), { migrationsFolder: folder })
    } finally {
      await client.end()
    }
    const hash = createHash('sha256').update(sql).digest('hex').slice(0, 12)
    expect(await revision('by_drizzle')).toMatchObject({ ok: true, value: `1763700000000-${hash}` })
  })
})
