import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { describePostgres, NEEDS, startPostgres, type TestServer } from '../helpers/postgres.ts'
import { restorable } from '../helpers/restorable.ts'
import type { Restorable } from '../helpers/restorable.ts'

const WAYS = [
  ['restore', 'custom'],
  ['emergency', 'plain'],
] as const
const slow = process.env['KNOWNGOOD_SLOW'] === '1'

/** Every line that a dry run prints as a command, pasted one after the other. */
async function pasted(site: Restorable, ...words: string[]): Promise<string[]> {
  const { exit, out, err } = await site.kg(...words, '--dry-run')
  expect(exit, err).toBe(0)
  const lines = [...out.matchAll(/^ +\$ (.*)$/gm)].map(([, line = '']) => line)
  expect(lines.filter((line) => line.includes('psql')).length).toBeGreaterThan(1)
  const script = ['set -e', ...lines].join('\n')
  await execa('sh', ['-c', script], { cwd: site.root, stdin: 'ignore', timeout: 60_000 })
  return lines
}

describePostgres(`by hand${NEEDS}`, () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startPostgres()
    server.sql('postgres', 'CREATE ROLE owner')
  }, 60_000)
  afterAll(() => {
    vi.unstubAllEnvs()
    server.stop()
  })

  it.each(slow ? WAYS : WAYS.slice(0, 1))(
    'what a dry run of %s prints exchanges a database (%s) when it is pasted, whatever the server calls it',
    { timeout: 120_000 },
    async (verb, format) => {
      const live = 'Mosaic "live"'
      const name = `"Mosaic ""live"""`
      vi.stubEnv('MOSAIC_URL', server.url(live))
      server.sql('postgres', `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`, `CREATE DATABASE ${name} OWNER owner`)
      server.sql(live, 'CREATE TABLE users (name text)', "INSERT INTO users VALUES ('ana'), ('ben')")
      const site = await restorable({
        sources: `  accounts: { use: postgres, url: $MOSAIC_URL, format: ${format} }\n`,
        set: ['database', 'uploads', 'git', 'accounts'],
      })
      const id = await site.backup(verb === 'restore' ? 'set' : 'baseline', { name: 'before' })
      server.sql(live, 'CREATE TABLE newer (id int)', 'DELETE FROM users')
      site.change()
      const lines = await pasted(site, ...(verb === 'restore' ? ['restore', id] : ['emergency']))
      expect(lines.join('\n')).not.toMatch(/\bapp_before\b|RENAME TO app\b/)
      expect(server.sql(live, 'SELECT name FROM users ORDER BY 1')).toEqual(['ana', 'ben'])
      expect(server.sql(live, "SELECT to_regclass('newer') IS NULL")).toEqual(['t'])
      const [own, ...kept] = server.sql(
        'postgres',
        `SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = $q$${live}$q$`,
        "SELECT datname FROM pg_database WHERE datname ~ '_before_' OR datname ~ 'restored'",
      )
      expect(own).toBe('owner')
      expect(kept).toEqual([expect.stringMatching(/^Mosaic "live"_before_\d{8}_\d{6}z_[0-9a-z]+$/)])
      expect(server.sql(kept[0] ?? '', "SELECT to_regclass('newer') IS NOT NULL")).toEqual(['t'])
      expect([site.users(), site.upload()]).toEqual([['ana', 'ben'], 'first'])
      expect(existsSync(join(site.root, '.knowngood/restored_accounts.sql'))).toBe(false)
      server.sql('postgres', `DROP DATABASE "${(kept[0] ?? '').replaceAll('"', '""')}"`)
    },
  )
})
