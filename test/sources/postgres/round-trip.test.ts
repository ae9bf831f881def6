import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  anotherClient,
  describePostgres,
  NEEDS,
  postgresAtWork,
  roleLine,
  startPostgres,
  type TestServer,
} from '../../helpers/postgres.ts'
import { roundTrip } from '../../helpers/source-round-trip.ts'

const CONTENTS = [
  'CREATE EXTENSION citext',
  'CREATE SCHEMA "Größe ""1"""',
  `CREATE TABLE "Größe ""1"""."名前
mit Umbruch" ("a b" int, "it's" text)`,
  `INSERT INTO "Größe ""1"""."名前
mit Umbruch" VALUES (1, E'tab\\there\\nand \\\\. there'), (2, '\\.'), (3, NULL)`,
  'CREATE TABLE users (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name citext NOT NULL, shout text GENERATED ALWAYS AS (upper(name::text)) STORED)',
  "INSERT INTO users (name) VALUES ('ana'), ('ben'), ('Zoë')",
  'ALTER TABLE users OWNER TO shop',
  'GRANT SELECT, UPDATE (name) ON users TO guest',
  'ALTER TABLE users ENABLE ROW LEVEL SECURITY',
  'CREATE POLICY mine ON users FOR SELECT TO guest USING (name = current_user)',
  'CREATE TABLE events (at date, what text) PARTITION BY RANGE (at)',
  "CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
  "INSERT INTO events VALUES ('2026-05-01', 'x'), ('2026-06-01', 'y')",
  'CREATE MATERIALIZED VIEW loud AS SELECT shout FROM users',
  'CREATE VIEW quiet AS SELECT lower(name::text) FROM users',
  `CREATE FUNCTION odd() RETURNS text LANGUAGE sql AS $body$
-- COPY public.users (id) FROM stdin
SELECT 'ALTER ROLE x; GRANT y TO z;' $body$`,
  "COMMENT ON FUNCTION odd() IS 'it says: it''s odd'",
  "COMMENT ON TABLE users IS 'look at it with\n\\d users'",
  'CREATE TABLE made (one int GENERATED ALWAYS AS (1) STORED)',
  'INSERT INTO made SELECT FROM generate_series(1, 2)',
  'ALTER DEFAULT PRIVILEGES FOR ROLE shop GRANT SELECT ON TABLES TO guest',
  "SELECT lo_from_bytea(0, 'a large object')",
]

describePostgres(`a PostgreSQL database${NEEDS}`, () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startPostgres()
    server.sql('postgres', roleLine('shop'), roleLine('guest'), roleLine('owner', 'CREATEDB'))
  })
  afterAll(() => server.stop())

  /** What `pg_dump` says of it, its contents included, and what only the server's catalogs do. */
  const everything = (name: string) => {
    const dump = execFileSync('pg_dump', ['-w'], {
      env: { ...process.env, ...server.env, PGDATABASE: name },
      encoding: 'utf8',
    })
    const quoted = name.replaceAll("'", "''")
    return [
      dump.replace(/^\\(un)?restrict .*$/gm, ''),
      ...server.sql(
        'postgres',
        `SELECT datdba::regrole, encoding, datcollate, datctype, datconnlimit, datallowconn, datacl, shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '${quoted}'`,
        `SELECT setrole::regrole, setconfig FROM pg_db_role_setting s JOIN pg_database d ON d.oid = setdatabase WHERE datname = '${quoted}' ORDER BY 1`,
      ),
    ]
  }

  test.each(['custom', 'plain'])('in format %s comes back with all it had, and goes back again', async (format) => {
    const name = `all_${format}`
    server.sql(
      'postgres',
      `CREATE DATABASE ${name} OWNER shop CONNECTION LIMIT 50`,
      `COMMENT ON DATABASE ${name} IS 'the shop''s'`,
    )
    server.sql(name, ...CONTENTS)
    server.sql(
      'postgres',
      `REVOKE ALL ON DATABASE ${name} FROM PUBLIC`,
      `GRANT CONNECT ON DATABASE ${name} TO guest WITH GRANT OPTION`,
      `ALTER DATABASE ${name} SET search_path = "$user", public, "Größe ""1"""`,
      `ALTER DATABASE ${name} SET app.greeting = 'it''s "x", y'`,
      `ALTER DATABASE ${name} SET work_mem = '7MB'`,
      `ALTER ROLE guest IN DATABASE ${name} SET statement_timeout = '5s'`,
    )
    const { told } = postgresAtWork(server, name, { format })
    await roundTrip(
      told,
      () => everything(name),
      () =>
        server.sql(name, "INSERT INTO users (name) VALUES ('eve')", 'CREATE TABLE newer (x int)', 'DROP VIEW quiet'),
    )
    const { parts } = await postgresAtWork(server, name).at.capture()
    expect(parts[0]?.counts).toEqual({
      users: 3,
      events_2026: 2,
      '"Größe ""1"""."名前\nmit Umbruch"': 3,
      'large objects': 1,
      made: 2,
    })
    expect(server.sql('postgres', `SELECT count(*) FROM pg_database WHERE datname LIKE '${name}\\_kg%'`)).toEqual(['0'])
  })

  test.each([
    ['latin', "ENCODING 'LATIN1'"],
    ['german', "LOCALE_PROVIDER icu ICU_LOCALE 'de-DE'"],
  ])('in another encoding or locale keeps it (%s)', async (name, how) => {
    server.sql('postgres', `CREATE DATABASE ${name} TEMPLATE template0 ${how}`)
    server.sql(name, 'CREATE TABLE "größe" (x text)', 'INSERT INTO "größe" VALUES (\'naïve\')')
    const { told } = postgresAtWork(server, name)
    const catalog = () =>
      server.sql('postgres', `SELECT datlocprovider, daticulocale FROM pg_database WHERE datname = '${name}'`)
    await roundTrip(
      told,
      () => [...everything(name), ...catalog()],
      () => server.sql(name, 'DELETE FROM "größe"'),
    )
  })

  test('is exchanged by its owner, who is no superuser, while others are connected', async () => {
    server.sql('postgres', 'CREATE DATABASE owned OWNER owner', 'GRANT pg_signal_backend TO owner')
    server.sql('owned', 'SET ROLE owner', 'CREATE TABLE users (name text)', "INSERT INTO users VALUES ('ana')")
    const superuser = await anotherClient(server, 'owned', 'SELECT 1;')
    const held = postgresAtWork(server, 'owned', {}, { role: 'owner' })
    const { parts } = await held.at.capture()
    await expect(held.at.restore(parts)).rejects.toMatchObject({
      exit: 3,
      why: 'owner may not close the connections of postgres',
    })
    // What is only counted and dropped again is never exchanged, so nothing of that is in its way.
    const scratch = held.at.restoreSteps(parts, { live: true, scratch: true })
    if (scratch === null) throw new Error('no steps')
    expect(scratch.swap).toBeNull()
    expect(await held.at.act(scratch.beside)).toMatchObject({ counts: { users: 1 } })
    await held.at.act(scratch.drop)
    superuser.stdin?.end()
    await once(superuser, 'exit')
    const other = await anotherClient(server, 'owned', 'SELECT 1;', 'guest')
    const { told } = postgresAtWork(server, 'owned', {}, { role: 'owner' })
    await roundTrip(
      told,
      () => everything('owned'),
      () => server.sql('owned', "INSERT INTO users VALUES ('eve')"),
    )
    other.stdin?.end('SELECT 1;\n')
    expect(other.exitCode ?? (await once(other, 'exit'))[0]).not.toBe(0)
  })

  test('fault 66: is called anything at all, and what it is called is never followed', async () => {
    const name = `host=evil dbname=postgres "x" 'y' $(touch pwn) :z`
    server.sql('postgres', `CREATE DATABASE "${name.replaceAll('"', '""')}"`)
    server.sql(name, 'CREATE TABLE users (name text)', "INSERT INTO users VALUES ('ana')")
    const { told } = postgresAtWork(server, name)
    await roundTrip(
      told,
      () => everything(name),
      () => server.sql(name, "INSERT INTO users VALUES ('eve')"),
    )
  })
})
