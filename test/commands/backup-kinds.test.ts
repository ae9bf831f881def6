import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { run as createBaseline } from '../../src/commands/baseline-create.ts'
import { run as listBaselines } from '../../src/commands/baseline.ts'
import { makeBackup, run as backup } from '../../src/commands/backup.ts'
import { run as bundle } from '../../src/commands/bundle.ts'
import { run as remove } from '../../src/commands/delete.ts'
import { run as kickoff } from '../../src/commands/kickoff.ts'
import { run as list } from '../../src/commands/backups.ts'
import { run as prune } from '../../src/commands/prune.ts'
import { run as show } from '../../src/commands/show.ts'
import { recentAudit } from '../../src/records/audit-log.ts'
import { backingUp } from '../helpers/backing-up.ts'
import { headless } from '../helpers/context.ts'

function at() {
  const repo = backingUp()
  const context = headless(repo.root, {
    json: true,
    now: () => new Date(),
    project: async () => repo.project,
    facts: async () => repo.facts(),
  })
  return { ...repo, context, dry: { ...context, dryRun: true } }
}

test('a full backup is told of in the fields other tools read, and in the words of the log', async () => {
  const { context, root } = at()
  const { exit, data, lines } = await makeBackup(context, 'full', {}, { notes: 'Pre-schema-migration backup' })
  expect([exit, data['success'], data['type']]).toEqual([0, true, 'full'])
  expect(data['backupId']).toMatch(/^full-\d{13}$/)
  expect(data['commitHash']).toMatch(/^[0-9a-f]{40}$/)
  expect(data['exportPath']).toMatch(/^backups\/full\/database-\d{13}\.db$/)
  expect(data['sizeBytes']).toBeGreaterThan(1000)
  expect(lines[0]).toMatch(/^Full backup created: full-\d{13} \(\d+ kB\), backups\/full\/full-backup-\d{13}\.json$/)
  const [newest] = await recentAudit(root)
  expect(newest?.says).toMatch(/^Full backup created: [0-9a-f]{7} \(\d+ kB\)$/)
})

test('one that is still wanted takes the typed name and a reason; then its export goes too', async () => {
  const { context, root } = at()
  const made = await makeBackup(context, 'full', {}, {})
  const [id, exported] = [String(made.data['backupId']), String(made.data['exportPath'])]
  await expect(remove(context, [id], { yes: true })).rejects.toThrow(/needs --reason/)
  await expect(remove(context, [id], { yes: true, reason: 'a test', confirm: 'other' })).rejects.toThrow(/the name is/)
  expect(existsSync(join(root, exported))).toBe(true)
  const gone = await remove(context, [id], { reason: 'a test', confirm: 'mosaic-production' })
  expect(gone.data['removed']).toEqual([made.data['path'], exported])
  expect(existsSync(join(root, exported))).toBe(false)
  expect((await list(context, [], {})).data['backups']).toEqual([])
})

test('a dry prune says why each one stays or goes, and prune takes what it said', async () => {
  const { context, dry, make, project, root } = at()
  Object.assign(project.backups.set, { keep: 100 })
  for (const hours of [4, 3, 2])
    await make({ kind: 'set', name: `s${hours}` }, new Date(Date.now() - hours * 3_600_000))
  Object.assign(project.backups.set, { keep: 1 })
  const { data, lines } = await prune(dry, ['set'], {})
  const rows = data['rows'] as { id: string; keep: boolean; because: string }[]
  expect(rows.map(({ id, keep, because }) => [id, keep, because])).toEqual([
    ['s2', true, 'what was live'],
    ['s3', false, 'older than the newest 1'],
    ['s4', false, 'older than the newest 1'],
  ])
  expect(lines.at(-1)).toBe('Nothing has changed.')
  expect(existsSync(join(root, 'backups/s4'))).toBe(true)
  const done = await prune(context, ['set'], {})
  expect(done.data['removed']).toEqual(['backups/s3', 'backups/s4'])
  expect((await list(context, ['set'], {})).data['backups']).toMatchObject([{ id: 's2', type: 'set' }])
})

test('a bundle is of what is checked out, prints its SHA-256, and keeps as many as it is told', async () => {
  const { context, commit, root, project } = at()
  Object.assign(project.version, { file: 'package.json' })
  commit('Version', { 'package.json': '{ "version": "2.0.1" }\n' })
  const { data, lines } = await bundle(context, [], {})
  expect(data['path']).toMatch(/^releases\/mosaic-v2\.0\.1-/)
  expect(lines.at(-1)).toBe(`SHA-256 ${String(data['sha256'])}`)
  expect(readFileSync(join(root, 'releases/SHA256SUMS'), 'utf8')).toContain(String(data['sha256']))
  await bundle(context, [], { keep: '1', prune: true })
  const left = (await list(context, ['bundle'], {})).data['backups'] as { id: string }[]
  expect(left).toHaveLength(1)
  await expect(bundle(context, [], { keep: '0' })).rejects.toThrow(/--keep does not understand "0"/)
})

test('a baseline is listed with its digest, which the audit log keeps as well', async () => {
  const { context, root } = at()
  const made = await createBaseline(context, ['empty-2026'], {})
  expect(made.data).toMatchObject({ backupId: 'empty-2026', type: 'baseline', path: 'immaculate/empty-2026' })
  expect((await recentAudit(root)).map(({ says }) => says)).toContainEqual(
    expect.stringMatching(/^Baseline created: empty-2026 \(/),
  )
  expect(readFileSync(join(root, '.verification_audit.log'), 'utf8')).toContain(String(made.data['sha256']))
  const { data } = await listBaselines(context, [], {})
  expect(data['backups']).toMatchObject([{ id: 'empty-2026', digest: made.data['sha256'] }])
  await expect(remove(context, ['empty-2026'], { yes: true })).rejects.toThrow(/never removed/)
})

test('what is in a backup can be looked at, file by file', async () => {
  const { context, make, root } = at()
  writeFileSync(join(root, 'a page.html'), 'x')
  const made = await make({ kind: 'site' })
  const id = String(made.gives['backup.publish']?.['id'])
  const { data, lines } = await show(context, [id], { files: true })
  expect(data['files']).toEqual(expect.arrayContaining(['a page.html', 'index.html']))
  expect(lines.join('\n')).toContain('site (files)')
  await make({ kind: 'set', name: 'before-v2' })
  const set = await show(context, ['before-v2'], {})
  expect(set.lines.join('\n')).toContain('knowngood restore before-v2')
})

test('a kind that cannot be made here is held, with what would change that', async () => {
  const { context, project } = at()
  Object.assign(project, { sources: {} })
  await expect(makeBackup(context, 'full', {}, {})).rejects.toThrow(/no database is configured/)
  await expect(makeBackup(context, 'data', {}, {})).rejects.toThrow(/no data backup is configured/)
  await expect(makeBackup(context, 'set', { name: '../out' }, {})).rejects.toThrow(/cannot be its name/)
})

test('a flag that a kind knows nothing of is refused, and so is a Redis that nobody named', async () => {
  const { context } = at()
  await expect(backup(context, ['full'], { name: 'x' })).rejects.toThrow(/--name means nothing to a full backup/)
  await expect(backup(context, ['quick'], { includeRedis: true })).rejects.toThrow(/--include-redis means nothing/)
  await expect(backup(context, ['set'], { includeRedis: true })).rejects.toThrow(/no Redis is configured/)
})

test('a session begins with a site backup that is there, or one that is made and named', async () => {
  const { context, sh } = at()
  sh('tag', '-a', '-m', 'live', 'prod-2025-11-18')
  // Newer, and on the same commit: a version is no release.
  sh('tag', '-a', '-m', 'later', 'v1.4.0')
  sh('push', '--quiet', 'origin', 'main:prod-current')
  sh('fetch', '--quiet')
  const first = await kickoff(context, [], {})
  expect(first.lines.join('\n')).toContain('Active prod tag  prod-2025-11-18 at ')
  expect(first.data).toMatchObject({
    backupMade: true,
    path: expect.stringMatching(/^backups\/site-backup_/) as unknown,
  })
  const second = await kickoff(context, [], {})
  expect(second.data).toMatchObject({ backupMade: false, path: first.data['path'] })
  expect(second.lines.join('\n')).toContain(String(first.data['path']))
})
