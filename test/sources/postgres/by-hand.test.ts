import { execa } from 'execa'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import type { Arg } from '../../../src/core/plan.ts'
import { handLines } from '../../../src/core/hand-lines.ts'
import { call } from '../../../src/core/step.ts'
import { keptByHand, restoredName, swapBackByHand, swapByHand } from '../../../src/sources/postgres/by-hand.ts'
import { beforeName } from '../../../src/sources/postgres/names.ts'
import { postgres } from '../../../src/sources/postgres.ts'
import { describePostgres, NEEDS, startPostgres, type TestServer } from '../../helpers/postgres.ts'

const RUN = 'restore-20261121_120000Z-a1b2'
const LIVE = 'Mosaic "live"'
const QUOTED = '"Mosaic ""live"""'

/** What belongs to a database and is in no dump of it. */
const BELONGS = `SELECT pg_get_userbyid(datdba), datconnlimit, shobj_description(d.oid, 'pg_database'),
  ARRAY(SELECT a::text FROM unnest(datacl) a ORDER BY 1),
  ARRAY(SELECT concat(r.rolname, ': ', line) FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole, unnest(setconfig) line
    WHERE s.setdatabase = d.oid ORDER BY 1)
  FROM pg_database d WHERE datname = $q$${LIVE}$q$`

/** A client that is back the moment it was sent away, as a pool of connections is. */
async function busyClient(server: TestServer): Promise<void> {
  const psql = join(server.programs, 'psql')
  const again = `while :; do "${psql}" -X -q -c 'SELECT pg_sleep(600)' 2>/dev/null; done`
  const env = { ...process.env, ...server.env, PGDATABASE: LIVE }
  const child = spawn('sh', ['-c', again], { env, stdio: 'ignore', detached: true })
  onTestFinished(async () => {
    const ended = once(child, 'exit')
    process.kill(-(child.pid ?? 0), 'SIGKILL')
    await ended
  })
  await vi.waitUntil(
    () => server.sql('postgres', `SELECT 1 FROM pg_stat_activity WHERE datname = $q$${LIVE}$q$`).length > 0,
    { timeout: 10_000 },
  )
}

describePostgres(`the lines by hand of an exchange${NEEDS}`, () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startPostgres()
    vi.stubEnv('MOSAIC_URL', server.url(LIVE))
    server.sql('postgres', 'CREATE ROLE owner', 'CREATE ROLE guest', 'CREATE ROLE "Ünlü app"')
  }, 60_000)
  afterAll(() => {
    vi.unstubAllEnvs()
    server.stop()
  })

  const o = postgres.options.parse({ url: '$MOSAIC_URL' })
  const paste = async (lines: Arg[][]) => {
    const script = ['set -e', ...handLines(call('x', {}, '', lines))].join('\n')
    await execa('sh', ['-c', script], { stdin: 'ignore', timeout: 60_000 })
  }
  const which = () => server.sql(LIVE, 'SELECT name FROM which').join()

  /** A live database that has all a database can have, and one beside it as the lines before have made it. */
  function standing(): string {
    const before = beforeName(LIVE, RUN)
    const beside = restoredName('accounts')
    for (const name of [LIVE, before, beside])
      server.sql('postgres', `DROP DATABASE IF EXISTS "${name.replaceAll('"', '""')}" WITH (FORCE)`)
    server.sql(
      'postgres',
      `CREATE DATABASE ${QUOTED} OWNER owner CONNECTION LIMIT 40`,
      `CREATE DATABASE ${beside}`,
      `REVOKE ALL ON DATABASE ${QUOTED} FROM PUBLIC`,
      `GRANT CONNECT ON DATABASE ${QUOTED} TO guest WITH GRANT OPTION`,
      `GRANT CREATE, TEMPORARY ON DATABASE ${QUOTED} TO "Ünlü app"`,
      `ALTER DATABASE ${QUOTED} SET search_path = "$user", public, "Größe ""1"""`,
      `ALTER DATABASE ${QUOTED} SET app.greeting = 'it''s "x", y=z'`,
      `ALTER DATABASE ${QUOTED} SET statement_timeout = '7min'`,
      `ALTER ROLE "Ünlü app" IN DATABASE ${QUOTED} SET work_mem = '7MB'`,
      `COMMENT ON DATABASE ${QUOTED} IS 'it''s ours'`,
    )
    server.sql(LIVE, "CREATE TABLE which AS SELECT 'old' AS name")
    server.sql(beside, "CREATE TABLE which AS SELECT 'new' AS name")
    return before
  }

  test('carry over what belongs to the live database, and come to their end while a client keeps coming back', async () => {
    const before = standing()
    const belongs = server.sql('postgres', BELONGS)
    await busyClient(server)
    await paste(swapByHand(o, 'accounts', RUN))
    expect(which()).toBe('new')
    expect(server.sql('postgres', BELONGS)).toEqual(belongs)
    expect(server.sql(before, 'SELECT name FROM which')).toEqual(['old'])
  })

  test('there and back leave what was there', async () => {
    standing()
    const belongs = server.sql('postgres', BELONGS)
    await paste(swapByHand(o, 'accounts', RUN))
    await paste(swapBackByHand(o, 'accounts', RUN))
    expect(which()).toBe('old')
    expect(server.sql('postgres', BELONGS)).toEqual(belongs)
    expect(server.sql(restoredName('accounts'), 'SELECT name FROM which')).toEqual(['new'])
  })

  test('a database that nobody was granted anything on stays open to everybody', async () => {
    const before = standing()
    server.sql('postgres', `UPDATE pg_database SET datacl = NULL WHERE datname = $q$${LIVE}$q$`)
    const belongs = server.sql('postgres', BELONGS)
    await paste(swapByHand(o, 'accounts', RUN))
    expect(server.sql('postgres', BELONGS)).toEqual(belongs)
    // What was kept is made live again with what belongs to it, whatever was set since.
    server.sql('postgres', `ALTER DATABASE ${QUOTED} SET work_mem = '9MB'`)
    await paste(keptByHand(o, before, 'restore-20261121_130000Z-c3d4'))
    expect([which(), server.sql('postgres', BELONGS)]).toEqual(['old', belongs])
  })
})
