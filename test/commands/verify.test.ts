import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { BackupKind, ListedBackup } from '../../src/core/backup.ts'
import { leftovers, restorable } from '../helpers/restorable.ts'
import type { Restorable } from '../helpers/restorable.ts'

async function listed(site: Restorable): Promise<ListedBackup[]> {
  const { backups } = await site.facts()
  return backups.ok ? backups.value : []
}

test('every kind climbs the whole ladder, and its rung is what is listed', { timeout: 120_000 }, async () => {
  const site = await restorable({ config: 'version: { file: package.json }' })
  site.repo.commit('A version', { 'package.json': '{"version":"1.4.0"}' })
  site.repo.sh('push', '--quiet', 'origin', 'main', 'main:refs/heads/prod-current')
  const kinds: BackupKind[] = ['quick', 'full', 'site', 'release', 'bundle', 'dump', 'set']
  for (const kind of kinds) await site.backup(kind, kind === 'set' ? { name: 'before' } : {})
  expect((await listed(site)).map(({ kind, rung }) => `${kind} ${rung}`).toSorted()).toEqual(
    kinds.map((kind) => `${kind} hashed`).toSorted(),
  )
  const readable = await site.kg('verify', '--all', '--json')
  expect(readable, readable.err).toMatchObject({ exit: 0, json: { ok: true, rung: 'readable' } })
  expect(new Set((await listed(site)).map(({ rung }) => rung))).toEqual(new Set(['readable']))
  const restored = await site.kg('verify', '--all', '--rung', 'restored')
  expect(restored, restored.err).toMatchObject({ exit: 0 })
  expect((await listed(site)).filter(({ rung }) => rung !== 'restored')).toEqual([])
  expect(leftovers(site.root)).toEqual([])
  expect(readdirSync(join(site.root, '.knowngood/in-use'))).toEqual([])
  expect(site.repo.sh('worktree', 'list').split('\n')).toHaveLength(1)
  expect([site.users(), site.upload()]).toEqual([['ana', 'ben'], 'first'])
  expect(site.asked()).toEqual([])
})

test('one that does not hold is named, ends with 4, and does not keep the others from being looked at', async () => {
  const site = await restorable()
  const quick = await site.backup('quick')
  const id = await site.backup('set', { name: 'before' })
  writeFileSync(join(site.root, 'backups/before/database/database.db'), 'rot')
  const all = await site.kg('verify', '--all')
  expect(all.exit).toBe(4)
  expect(all.out + all.err).toContain('1 of 2 backups do not hold. before: database/database.db is cut short')
  expect(all.out + all.err).toContain('Nothing has changed but its proofs.')
  const states = Object.fromEntries((await listed(site)).map((one) => [one.id, `${one.state} ${one.rung}`]))
  expect(states).toEqual({ [quick]: 'ok readable', [id]: 'damaged found' })
  expect((await site.kg('verify', quick)).exit).toBe(0)
  expect((await site.kg('verify', 'nope')).exit).toBe(2)
  expect((await site.kg('verify')).exit).toBe(2)
  expect((await site.kg('verify', quick, '--all')).exit).toBe(2)
})

test('bytes that are not those recorded are never proven by what still opens: the climb ends where it failed', async () => {
  const site = await restorable()
  const id = await site.backup('site')
  const [made] = await listed(site)
  const zip = join(site.root, made?.path ?? '')
  // The time of the first member, in its local header: any unzip opens the archive as before.
  const bytes = readFileSync(zip)
  writeFileSync(zip, bytes.fill(1, 10, 11))
  execFileSync('unzip', ['-tq', zip])
  expect(await site.verify(id, 'restored')).toMatchObject({ exit: 4 })
  expect(site.proofs().filter(({ passed, rung }) => passed && rung !== 'hashed')).toEqual([])
  expect((await listed(site)).map(({ state, rung }) => `${state} ${rung}`)).toEqual(['damaged found'])
})

test('a file from before Knowngood gets its digest by being verified, and another file under its name is noticed', async () => {
  const site = await restorable()
  const folder = join(site.root, 'backups')
  mkdirSync(join(folder, 'quick'), { recursive: true })
  const zip = join(folder, 'site-backup_20251118_033032Z.zip')
  execFileSync('zip', ['-q', zip, 'knowngood.yaml'], { cwd: site.root })
  const commitHash = site.repo.sh('rev-parse', 'HEAD')
  const pointer = { id: 'quick-1701450000000', type: 'quick', timestamp: '2023-12-01T17:00:00.000Z', commitHash }
  writeFileSync(
    join(folder, 'quick/quick-backup-1701450000000.json'),
    JSON.stringify({ ...pointer, commitMessage: 'A service', branch: 'main' }),
  )
  const rungs = async () =>
    Object.fromEntries((await listed(site)).map((one) => [one.kind, `${one.state} ${one.rung}`]))
  expect(await rungs()).toEqual({ site: 'ok found', quick: 'ok found' })
  expect((await site.kg('verify', '--all', '--rung', 'restored')).exit).toBe(0)
  expect(await rungs()).toEqual({ site: 'ok restored', quick: 'ok restored' })

  const bytes = readFileSync(zip)
  bytes[40] = (bytes[40] ?? 0) ^ 1
  writeFileSync(zip, bytes)
  const looked = await site.verify('site-20251118_033032Z', 'hashed')
  expect(looked).toMatchObject({ exit: 4, error: expect.stringContaining('it is not what was proven at') })
  expect((await rungs())['site']).toBe('damaged found')
})

test('a commit that is gone from here, or held by nothing on the remote, fails a quick backup', async () => {
  const site = await restorable()
  const id = await site.backup('quick')
  const commit = site.repo.commit('Only here', {})
  const record = { id: 'quick-1701450000000', type: 'quick', timestamp: '2023-12-01T17:00:00.000Z', commitHash: commit }
  const path = join(site.root, 'backups/quick/quick-backup-1701450000000.json')
  writeFileSync(path, JSON.stringify({ ...record, commitMessage: 'x', branch: 'main' }))
  expect((await site.verify('quick-1701450000000')).error).toContain('nothing on origin holds the commit')
  writeFileSync(path, JSON.stringify({ ...record, commitHash: 'a'.repeat(40), commitMessage: 'x', branch: 'main' }))
  expect((await site.verify('quick-1701450000000')).error).toContain('is not in this clone')
  expect((await site.verify(id)).exit).toBe(0)

  // A remote that does not answer says nothing about a backup.
  site.repo.sh('remote', 'set-url', 'origin', join(site.root, 'nowhere.git'))
  const asked = await site.verify(id)
  expect(asked.exit).toBe(4)
  const standing = (await listed(site)).find((one) => one.id === id)
  expect(standing).toMatchObject({ state: 'ok', rung: 'readable' })
})
