import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { planVerify } from '../../src/plans/verify.ts'
import { listReleases, openReleases } from '../../src/records/release-record.ts'
import { runKilled } from '../helpers/killed.ts'
import { decidedNow } from '../helpers/decided.ts'
import { leftovers, restorable } from '../helpers/restorable.ts'

const CONFIRMED = ['--confirm=mosaic-production', '--reason', 'a test']

const row = (run: string, recordedAt: string) => ({
  version: '1.0.0',
  deploymentType: 'release',
  backupPath: `backups/quick/${run}.json`,
  schemaRevision: null,
  recordedAt,
  tag: null,
  commitSha: 'a'.repeat(40),
  buildId: null,
  operator: 'ana',
  outcome: 'certified',
  run,
})

test(
  'release records that live in a restored database keep what was recorded since, once',
  { timeout: 60_000 },
  async () => {
    const url = 'sqlite:data/app.db'
    const site = await restorable({ config: `records: { url: "${url}" }` })
    const add = async (run: string, at: string) => {
      const releases = await openReleases(site.root, url)
      releases.insert(row(run, at))
      releases.close()
    }
    await add('deploy-1', '2025-11-20T10:00:00.000Z')
    const id = await site.backup('set', { name: 'before' })
    await add('deploy-2', '2025-11-21T10:00:00.000Z')
    site.change()
    const plan = await site.restore(id)
    expect(await site.execute(plan)).toMatchObject({ exit: 0, owed: [] })
    expect(site.users()).toEqual(['ana', 'ben'])
    expect((await listReleases(site.root, url, 10)).map((one) => one.run)).toEqual(['deploy-2', 'deploy-1'])
  },
)

test(
  'a production that is not proven after it ends with 7: what was restored stays, and the way back is named',
  { timeout: 60_000 },
  async () => {
    const site = await restorable({
      config: 'verify: { timeout: 1s, reads: 1, checks: [{ url: "http://127.0.0.1:9/" }] }',
    })
    const id = await site.backup('set', { name: 'before' })
    site.change()
    const ended = await site.kg('restore', id, ...CONFIRMED)
    expect(ended.exit, ended.err).toBe(7)
    expect(ended.out + ended.err).toMatch(/What was restored stays live\. Swap back: knowngood restore --undo restore-/)
    expect([site.users(), site.upload()]).toEqual([['ana', 'ben'], 'first'])
    expect(site.asked().at(-1)).toBe('status')
    expect((await site.facts()).lock).toMatchObject({ shared: { value: null } })
  },
)

test(
  'a service that does not come up again ends with 5, by name and with its line; it is tried once more at the end',
  { timeout: 60_000 },
  async () => {
    const site = await restorable()
    const id = await site.backup('set', { name: 'before' })
    site.change()
    writeFileSync(join(site.root, 'service.broken'), '')
    const ended = await site.kg('restore', id, ...CONFIRMED, '--json')
    expect(ended.json).toMatchObject({
      outcome: 'halted',
      failedStep: 'Start the services',
      byHand: ['./service start'],
    })
    expect(ended.exit).toBe(5)
    expect(String(ended.json['error'])).toContain('./service start')
    expect(String(ended.json['owed'])).toContain('See that the services run')
    expect(site.asked()).toEqual(['stop', 'start', 'start', 'start', 'start'])
  },
)

test(
  'a service that comes up at the second try is no failure, and what comes after it is done',
  { timeout: 60_000 },
  async () => {
    const site = await restorable({
      config: 'verify: { timeout: 1s, reads: 1, checks: [{ run: ["test", "-e", "service.up"] }] }',
    })
    const id = await site.backup('set', { name: 'before' })
    site.change()
    const script = readFileSync(join(site.root, 'service'), 'utf8')
    writeFileSync(
      join(site.root, 'service'),
      script.replace('[ -e service.broken ]', '[ "$(grep -c start service.log)" = 1 ]'),
    )
    const ended = await site.kg('restore', id, ...CONFIRMED)
    expect([ended.exit, ended.err]).toEqual([0, expect.stringContaining('Verify live')])
    expect(site.asked()).toEqual(['stop', 'start', 'start', 'status'])
  },
)

test(
  'a restore whose services stay down says that it stays, how to swap back, and the line that is left',
  { timeout: 60_000 },
  async () => {
    const site = await restorable()
    await site.backup('baseline', { name: 'before' })
    site.change()
    writeFileSync(join(site.root, 'service.broken'), '')
    const ended = await site.kg('emergency', ...CONFIRMED)
    expect(ended.exit).toBe(5)
    expect(ended.out).toMatch(/^What was restored stays live\. Swap back: knowngood restore --undo emergency-/m)
    expect(ended.out).toContain('What remains, by hand:\n  $ ./service start\n')
    expect((await site.kg('status')).out).toMatch(/^ +Still owed by the emergency \S+: See that the services run: /m)
    expect([site.users(), site.upload()]).toEqual([['ana', 'ben'], 'first'])
  },
)

test(
  'a verification that is killed holds nobody up, and leaves no scratch place when it is settled',
  { timeout: 60_000 },
  async () => {
    const site = await restorable()
    const id = await site.backup('set', { name: 'before' })
    site.change()
    const plan = planVerify(
      await site.project(),
      await site.facts(),
      { ids: [id], rung: 'restored' },
      decidedNow('verify'),
    )
    expect(await runKilled(site.root, plan, 'run', { when: 'acted', step: 'beside.uploads' })).toMatchObject({
      killed: true,
    })
    expect((await site.restore(id)).holds).toEqual([])
    expect(await runKilled(site.root, plan, 'resume', null)).toMatchObject({ exit: 0, owed: [] })
    expect(leftovers(site.root)).toEqual([])
    expect([site.users(), site.upload()]).toEqual([['ana', 'ben', 'eve'], 'second'])
  },
)

test('one that holds and cannot be opened any further says how far it got, with 3', { timeout: 60_000 }, async () => {
  const site = await restorable()
  const id = await site.backup('set', { name: 'before' })
  const config = join(site.root, 'knowngood.yaml')
  writeFileSync(
    config,
    readFileSync(config, 'utf8')
      .replace(/^ {2}uploads: .*\n/m, '')
      .replace('[database, uploads, git]', '[database, git]'),
  )
  const looked = await site.kg('verify', id, '--json')
  expect(looked).toMatchObject({ exit: 3, json: { ok: false, rung: 'hashed' } })
})
