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
  const script = ['set -e', ...lines].join('\n')
  await execa('sh', ['-c', script], { cwd: site.root, stdin: 'ignore', timeout: 60_000 })
  return lines
}

/** Restores by the program, then swaps back by the lines that a dry run of the undo prints. */
async function restoredAndBack(site: Restorable, id: string): Promise<void> {
  const done = await site.kg('restore', id, '--confirm=mosaic-production', '--reason', 'a test', '--json')
  expect(done.exit, done.err).toBe(0)
  expect([site.users(), site.upload()]).toEqual([['ana', 'ben'], 'first'])
  await pasted(site, 'restore', '--undo', String(done.json['run']))
}

async function databaseAndBack(server: TestServer, live: string, site: Restorable, id: string): Promise<void> {
  await restoredAndBack(site, id)
  expect(server.sql(live, "SELECT to_regclass('newer') IS NOT NULL")).toEqual(['t'])
  for (const beside of server.sql('postgres', "SELECT datname FROM pg_database WHERE datname ~ '_before_'"))
    server.sql('postgres', `DROP DATABASE "${beside.replaceAll('"', '""')}"`)
}

it('what a dry run of restore --undo prints swaps back when it is pasted', { timeout: 60_000 }, async () => {
  const site = await restorable()
  const id = await site.backup('set', { name: 'before' })
  site.change()
  await restoredAndBack(site, id)
  expect([site.users(), site.upload()]).toEqual([['ana', 'ben', 'eve'], 'second'])
  expect(site.asked().slice(site.asked().lastIndexOf('stop'))).toEqual(['stop', 'start', 'start'])
  expect(site.repo.sh('ls-remote', 'origin', 'refs/knowngood/lock')).toBe('')
})

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
      server.sql(
        'postgres',
        `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`,
        `CREATE DATABASE ${name} OWNER owner TEMPLATE template0 ENCODING 'LATIN1' LOCALE_PROVIDER icu ICU_LOCALE 'de-DE'`,
      )
      server.sql(live, 'CREATE TABLE users (name text)', "INSERT INTO users VALUES ('ana'), ('ben')")
      const site = await restorable({
        sources: `  accounts: { use: postgres, url: $MOSAIC_URL, format: ${format} }\n`,
        set: ['database', 'uploads', 'git', 'accounts'],
      })
      const id = await site.backup(verb === 'restore' ? 'set' : 'baseline', { name: 'before' })
      server.sql(live, 'CREATE TABLE newer (id int)', 'DELETE FROM users')
      site.change()
      if (slow) await databaseAndBack(server, live, site, id)
      const lines = await pasted(site, ...(verb === 'restore' ? ['restore', id] : ['emergency']))
      expect(lines.filter((line) => line.includes('psql')).length).toBeGreaterThan(1)
      expect(lines.join('\n')).not.toMatch(/\bapp_before\b|RENAME TO app\b/)
      expect(server.sql(live, 'SELECT name FROM users ORDER BY 1')).toEqual(['ana', 'ben'])
      expect(server.sql(live, "SELECT to_regclass('newer') IS NULL")).toEqual(['t'])
      const [own, ...kept] = server.sql(
        'postgres',
        `SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datlocprovider, daticulocale FROM pg_database WHERE datname = $q$${live}$q$`,
        "SELECT datname FROM pg_database WHERE datname ~ '_before_' OR datname ~ 'restored'",
      )
      expect(own).toBe('owner|LATIN1|i|de-DE')
      expect(kept).toEqual([expect.stringMatching(/^Mosaic "live"_before_\d{8}_\d{6}z_[0-9a-z]+$/)])
      expect(server.sql(kept[0] ?? '', "SELECT to_regclass('newer') IS NOT NULL")).toEqual(['t'])
      expect([site.users(), site.upload()]).toEqual([['ana', 'ben'], 'first'])
      expect(existsSync(join(site.root, '.knowngood/restored_accounts.sql'))).toBe(false)
      server.sql('postgres', `DROP DATABASE "${(kept[0] ?? '').replaceAll('"', '""')}"`)
    },
  )
})
