import { expect, test } from 'vitest'
import { beforeName, besideName } from '../../../src/sources/postgres/names.ts'
import { parseUrl } from '../../../src/world/postgres/url.ts'

test.each([
  [
    'postgres://ana:s%40cret@db.example:6432/shop',
    { PGUSER: 'ana', PGHOST: 'db.example', PGPORT: '6432', PGDATABASE: 'shop' },
    's@cret',
  ],
  [
    'postgresql+psycopg2://ana@h/shop?sslmode=require&schema=app&connection_limit=5',
    { PGUSER: 'ana', PGHOST: 'h', PGDATABASE: 'shop', PGSSLMODE: 'require' },
    null,
  ],
  ['postgresql://one:1,two/shop', { PGHOST: 'one,two', PGPORT: '1,5432', PGDATABASE: 'shop' }, null],
  ['postgresql://[::1]:6432/shop', { PGHOST: '::1', PGPORT: '6432', PGDATABASE: 'shop' }, null],
  [
    'postgresql:///shop?host=/var/run/postgresql&user=ana&password=x%2By',
    { PGHOST: '/var/run/postgresql', PGUSER: 'ana', PGDATABASE: 'shop' },
    'x+y',
  ],
  ['postgres://h/shop?sslmode=no-verify', { PGHOST: 'h', PGDATABASE: 'shop', PGSSLMODE: 'require' }, null],
  ['postgres://h/shop?ssl=true', { PGHOST: 'h', PGDATABASE: 'shop', PGSSLMODE: 'require' }, null],
  ['postgres://h/host%3Devil%20dbname%3Dx', { PGHOST: 'h', PGDATABASE: 'host=evil dbname=x' }, null],
])('%s is read as libpq reads it', (url, env, password) => {
  expect(parseUrl(url)).toEqual({ env, password })
})

test.each(['mysql://h/x', 'host=h dbname=x', '', 'postgres://%zz@h/x'])('%s is none', (url) => {
  expect(parseUrl(url)).toBeNull()
})

test('names of copies say the run, fit into 63 bytes, and stay two for two databases', () => {
  const run = 'restore-20261121_120000Z-a1b2'
  expect(besideName('app', run)).toBe('app_kg_20261121_120000z_a1b2')
  expect(beforeName('app', run)).toBe('app_before_20261121_120000z_a1b2')
  const long = ['ö'.repeat(31), `${'ö'.repeat(30)}x`].map((name) => beforeName(name, run))
  for (const name of long) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63)
  expect(new Set(long).size).toBe(2)
})
