import { afterAll, beforeAll, expect, test } from 'vitest'
import { addReleases, readReleases } from '../../src/records/releases.ts'
import { describePostgres, NEEDS, startPostgres, type TestServer } from '../helpers/postgres.ts'
import { restorable } from '../helpers/restorable.ts'

describePostgres(`release records in a PostgreSQL database that is restored${NEEDS}`, () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.stop())

  /** A production whose shop is in a database; `records` is the variable of its release records. */
  const production = async (name: string, records = 'KG_SHOP_URL') => {
    server.sql('postgres', `CREATE DATABASE ${name}`)
    server.sql(name, 'CREATE TABLE users (name text)', "INSERT INTO users VALUES ('ana')")
    server.sql(
      name,
      'CREATE TABLE schema_migrations (version text)',
      "INSERT INTO schema_migrations VALUES ('0001_users')",
    )
    process.env['KG_SHOP_URL'] = server.url(name)
    const site = await restorable({
      sources: '  shop: { use: postgres, url: $KG_SHOP_URL }\n',
      set: ['shop', 'git'],
      config: `records: { url: $${records} }`,
    })
    const where = { root: site.root, url: `$${records}` }
    const add = async (run: string, at: string) =>
      addReleases(where, [
        {
          version: null,
          deploymentType: 'release',
          backupPath: `backups/${run}`,
          schemaRevision: null,
          recordedAt: at,
          tag: null,
          commitSha: 'a'.repeat(40),
          buildId: null,
          operator: 'ana',
          outcome: 'certified',
          run,
        },
      ])
    const runs = async () => (await readReleases(where, 10)).map(({ run }) => run)
    return { site, add, runs, users: () => server.sql(name, 'SELECT name FROM users ORDER BY name') }
  }

  test(
    'what was recorded since the backup is carried over, also by another variable',
    { timeout: 120_000 },
    async () => {
      process.env['KG_RECORDS_URL'] = server.url('shop_carry')
      const { site, add, runs, users } = await production('shop_carry', 'KG_RECORDS_URL')
      await add('deploy-1', '2025-11-20T10:00:00.000Z')
      const id = await site.backup('set', { name: 'before' })
      await add('deploy-2', '2025-11-21T10:00:00.000Z')
      server.sql('shop_carry', "INSERT INTO users VALUES ('eve')")
      const plan = await site.restore(id)
      expect(plan.holds).toEqual([])
      expect(await site.execute(plan)).toMatchObject({ exit: 0, owed: [] })
      expect(users()).toEqual(['ana'])
      expect(await runs()).toEqual(['deploy-2', 'deploy-1'])
    },
  )

  test('records that cannot be read any more hold up no restore', { timeout: 120_000 }, async () => {
    const { site, add, runs, users } = await production('shop_broken')
    await add('deploy-1', '2025-11-20T10:00:00.000Z')
    const id = await site.backup('set', { name: 'before' })
    server.sql(
      'shop_broken',
      'ALTER TABLE "ReleaseRecord" RENAME TO kept',
      'CREATE VIEW "ReleaseRecord" AS SELECT id, 1 / 0 AS "recordedAt", "backupPath" FROM kept',
    )
    expect(await site.execute(await site.restore(id))).toMatchObject({ exit: 0, owed: [] })
    expect(users()).toEqual(['ana'])
    expect(await runs()).toEqual(['deploy-1'])
  })
})
