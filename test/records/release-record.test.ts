import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { listReleases, openReleases } from '../../src/records/release-record.ts'
import type { NewRelease } from '../../src/records/release-record.ts'

const URL = 'sqlite:.knowngood/releases.db'
let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kg-releases-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

function row(run: string | null, more: Partial<NewRelease> = {}): NewRelease {
  return {
    version: '1.5.0',
    deploymentType: 'release',
    backupPath: `backups/${run}.json`,
    schemaRevision: null,
    recordedAt: '2025-11-21T12:00:00.000Z',
    tag: 'prod-2025-11-21',
    commitSha: 'a'.repeat(40),
    buildId: 'abc',
    operator: 'ana',
    outcome: 'certified',
    run,
    ...more,
  }
}

test('reading before the first release creates nothing', async () => {
  expect(await listReleases(root, URL, 10)).toEqual([])
  expect(existsSync(join(root, '.knowngood'))).toBe(false)
})

test('a run is recorded once, the newest first', async () => {
  const releases = await openReleases(root, URL)
  expect(releases.insert(row('one'))).toEqual({ id: 1, added: true })
  expect(releases.insert(row('one', { version: '9' }))).toEqual({ id: 1, added: false })
  expect(
    releases.insert(row('two', { recordedAt: '2025-11-22T12:00:00.000Z', outcome: 'rollback', tag: null })),
  ).toEqual({ id: 2, added: true })
  expect(releases.insert(row(null, { backupPath: 'backups/one.json' }))).toEqual({ id: 1, added: false })
  expect(releases.byBackupPath('backups/one.json')).toMatchObject({ version: '1.5.0' })
  expect(releases.byRun('nobody')).toBeNull()
  releases.close()
  expect((await listReleases(root, URL, 10)).map(({ run }) => run)).toEqual(['two', 'one'])
  expect(await listReleases(root, URL, 1)).toEqual([
    { id: 2, ...row('two', { recordedAt: '2025-11-22T12:00:00.000Z', outcome: 'rollback', tag: null }) },
  ])
})

test('text is data', async () => {
  const releases = await openReleases(root, URL)
  const version = `'); DROP TABLE "ReleaseRecord"; --`
  releases.insert(row('one', { version }))
  expect(releases.byRun('one')?.version).toBe(version)
  releases.close()
})

test('a table the team made itself is used as it is', async () => {
  const file = join(root, 'team.db')
  const team = new DatabaseSync(file)
  team.exec(
    `CREATE TABLE "ReleaseRecord" ("id" INTEGER PRIMARY KEY, "version" TEXT, "deploymentType" TEXT, "backupPath" TEXT, "schemaRevision" TEXT, "recordedAt" TEXT)`,
  )
  team.close()
  const releases = await openReleases(root, `sqlite:${file}`)
  expect(releases.insert(row('one')).added).toBe(true)
  expect(releases.insert(row('one')).added).toBe(false)
  releases.insert(row('two', { outcome: 'rollback' }))
  expect(releases.list(10)).toMatchObject([{ version: '1.5.0', tag: null, outcome: 'certified', run: null }])
  releases.close()
})

test('a file that is no database is an error and stays as it is', async () => {
  await writeFile(join(root, 'broken.db'), 'not a database at all, only some text '.repeat(50))
  await expect(openReleases(root, 'sqlite:broken.db')).rejects.toThrow('not a database')
  await expect(openReleases(root, 'postgres://host/db')).rejects.toThrow('postgres:')
})

test('several writers at once each keep their row', async () => {
  const all = await Promise.all(Array.from({ length: 6 }, () => openReleases(root, URL)))
  for (const [index, releases] of all.entries()) releases.insert(row(`run-${index}`))
  for (const releases of all) releases.close()
  expect(await listReleases(root, URL, 10)).toHaveLength(6)
})
