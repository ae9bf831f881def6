import { afterAll, beforeAll, expect, test } from 'vitest'
import { roundTrip } from '../../helpers/source-round-trip.ts'
import { describePostgres, NEEDS, postgresAtWork, startPostgres, type TestServer } from '../../helpers/postgres.ts'

describePostgres(`a PostgreSQL database${NEEDS}`, () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.stop())

  test.each(['custom', 'plain'])('in format %s comes back as it was, and goes back again', async (format) => {
    const name = `app_${format}`
    server.sql('postgres', `CREATE DATABASE ${name}`)
    server.sql(
      name,
      'CREATE TABLE users (id int PRIMARY KEY, name text)',
      "INSERT INTO users VALUES (1, 'ana'), (2, 'ben')",
    )
    const { told } = postgresAtWork(server, name, { format })
    await roundTrip(
      told,
      () => server.sql(name, 'SELECT * FROM users ORDER BY id'),
      () => server.sql(name, "INSERT INTO users VALUES (3, 'eve')", 'CREATE TABLE newer (x int)'),
    )
    expect(server.sql('postgres', `SELECT count(*) FROM pg_database WHERE datname LIKE '${name}\\_kg%'`)).toEqual(['0'])
  })
})
