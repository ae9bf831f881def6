import { createHash } from 'node:crypto'
import { mkdir, rm, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { plainBackups } from '../../src/config/fill-backups.ts'
import { listBackups } from '../../src/records/catalog.ts'
import { temporaryFolder } from '../helpers/temp.ts'

const COMMIT = '31d099cc21a03d221bfb66381a0b8e4445b04efc'
const sha = (text: string) => createHash('sha256').update(text).digest('hex')

function folder() {
  const root = temporaryFolder()
  const drive = temporaryFolder()
  const backups = plainBackups('app')
  const data = {
    keep: 3,
    freshMs: null,
    dir: drive,
    name: 'codex-api',
    sources: ['runtime'],
    mounted: false,
    quota: null,
    encrypt: null,
    prune: false,
  }
  return {
    root,
    drive,
    async put(path: string, text: string) {
      await mkdir(dirname(join(root, path)), { recursive: true })
      await writeFile(join(root, path), text)
    },
    list: async () => listBackups(root, { backups: { ...backups, data } }),
  }
}

const of = (rows: { id: string; state: string }[]) => rows.map(({ id, state }) => `${id} ${state}`).toSorted()

test('sets, baselines and releases of the teams own scripts are found by what explains them', async () => {
  const { put, list } = folder()
  const dump = 'CREATE TABLE users();\n'
  await put('backups/before_pr_12/MANIFEST.md', '# MANIFEST.md\n')
  await put('backups/before_pr_12/database/dump.sql.gz', dump)
  await put('backups/before_pr_12/docker/images/api.tar.gz', 'image')
  await put('backups/before_pr_12/git/HEAD_COMMIT', `${COMMIT}\n`)
  await put('backups/before_pr_12/CHECKSUM.sha256', `${sha(dump)}  ./database/dump.sql.gz\n`)
  await put('immaculate/empty-2026/MANIFEST.md', '# frozen\n')
  await put('backups/releases/20260130_180000Z/VERSION.txt', '4.0.84\n')
  await put('backups/notes/todo.txt', 'nobody said this is a backup\n')
  const rows = await list()
  expect(of(rows)).toEqual(['before_pr_12 ok', 'empty-2026 ok', 'release-20260130_180000Z ok'])
  expect(rows.find((row) => row.kind === 'set')).toMatchObject({
    origin: 'found',
    rung: 'found',
    commit: COMMIT,
    parts: expect.arrayContaining([
      expect.objectContaining({ source: 'database', use: 'postgres', sha256: sha(dump) }),
      expect.objectContaining({ source: 'images', use: 'docker' }),
      expect.objectContaining({ source: 'git', use: 'git' }),
    ]) as unknown,
  })
  expect(rows.find((row) => row.kind === 'release')).toMatchObject({ at: '2026-01-30T18:00:00.000Z', notes: '4.0.84' })
})

test('a file that is missing from a found set, or a torn list, makes it damaged', async () => {
  const { put, list, root } = folder()
  await put('backups/a/CHECKSUM.sha256', `${sha('x')}  database/dump.sql.gz\n`)
  await put('backups/b/CHECKSUM.sha256', 'not a line\n')
  const rows = await list()
  expect(rows.find((row) => row.id === 'a')).toMatchObject({
    state: 'damaged',
    because: 'database/dump.sql.gz is gone',
  })
  expect(rows.find((row) => row.id === 'b')?.because).toMatch(/malformed/)
  await rm(join(root, 'backups/a/CHECKSUM.sha256'))
  expect(of(await list())).toEqual(['b damaged'])
})

test('a full backup of the teams own tool is measured against its export', async () => {
  const { put, list, root } = folder()
  const record = {
    id: 'full-1701450000000',
    type: 'full',
    timestamp: '2024-12-01T20:00:00.000Z',
    commitHash: COMMIT,
    commitMessage: 'x',
    branch: 'master',
    convexExportPath: './backups/full/convex-1701450000000.zip',
    exportSizeBytes: 6,
  }
  await put('backups/full/full-backup-1701450000000.json', JSON.stringify(record))
  await put('backups/full/convex-1701450000000.zip', 'export')
  expect(await list()).toMatchObject([{ state: 'ok', parts: [{ source: 'convex', use: 'convex', bytes: 6 }] }])
  await truncate(join(root, 'backups/full/convex-1701450000000.zip'), 3)
  expect((await list())[0]?.because).toBe('backups/full/convex-1701450000000.zip has 3 bytes; its record says 6')
  await put(
    'backups/full/full-backup-1701450000000.json',
    JSON.stringify({ ...record, convexExportPath: '../../../etc/passwd' }),
  )
  expect(await list()).toMatchObject([
    { state: 'damaged', because: 'it names an export outside the repository', parts: [] },
  ])
})

test('fault 41: names that begin alike are kept apart', async () => {
  const { put, list, drive } = folder()
  const lock = (name: string) => JSON.stringify({ name, version: '1.0.0', git_sha: COMMIT, sha256: sha('x'), size: 1 })
  for (const name of ['app', 'app-prod', 'app-v2', 'my-app']) {
    await put(`releases/${name}-v1.0.0-20260101_000000Z.tar.gz`, 'x')
    await put(`releases/${name}-v1.0.0-20260101_000000Z.lock.json`, lock(name))
  }
  await mkdir(join(drive, '2026/01-01'), { recursive: true })
  for (const name of ['codex-api', 'codex-api-prod', 'codex', 'codex-api-2'])
    await writeFile(join(drive, `2026/01-01/${name}-20260101_000000Z.tar.gz`), 'x')
  const rows = await list()
  expect(rows.map((row) => row.path.replace(`${drive}/`, '')).toSorted()).toEqual([
    '2026/01-01/codex-api-20260101_000000Z.tar.gz',
    'releases/app-v1.0.0-20260101_000000Z.tar.gz',
  ])
  expect(rows.find((row) => row.kind === 'bundle')).toMatchObject({ commit: COMMIT, origin: 'found', digest: sha('x') })
})

test('a folder of ours that somebody copied is listed apart, and is not ours to prune', async () => {
  const { put, list } = folder()
  const record = {
    schema: 1,
    id: 'a',
    kind: 'set',
    at: '2026-01-01T00:00:00.000Z',
    origin: 'knowngood',
    run: 'r',
    operator: 'ana',
  }
  const more = {
    commit: COMMIT,
    commitSubject: 'x',
    branch: 'main',
    notes: null,
    schemaRevision: null,
    path: 'backups/a',
  }
  const text = JSON.stringify({ ...record, ...more, parts: [], bytes: 0, digest: '' })
  for (const name of ['a', 'copy-of-a']) {
    await put(`backups/${name}/backup.json`, text)
    await put(`backups/${name}/CHECKSUM.sha256`, `${sha(text)}  backup.json\n`)
  }
  expect((await list()).map(({ id, path, origin }) => `${id} ${path} ${origin}`).toSorted()).toEqual([
    'a backups/a knowngood',
    'copy-of-a backups/copy-of-a found',
  ])
})
