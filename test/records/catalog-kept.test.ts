import { mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { plainBackups } from '../../src/config/fill-backups.ts'
import type { BackupRecord } from '../../src/core/backup.ts'
import type { Backups } from '../../src/core/project.ts'
import { writeArchiveRecord } from '../../src/records/archive-record.ts'
import { listBackups } from '../../src/records/catalog.ts'
import { temporaryFolder } from '../helpers/temp.ts'

const backups = plainBackups('mosaic')
let root = ''

/** As one later would list, when what was just written has settled: then what was read is kept for the next. */
async function list(of = backups) {
  return (await listBackups(root, { backups: of })).map(({ id, state }) => `${id} ${state}`)
}

function record(more: Partial<BackupRecord>): BackupRecord {
  return {
    schema: 1,
    id: '',
    kind: 'prod',
    at: '2025-11-21T12:07:11.000Z',
    origin: 'knowngood',
    run: 'backup-1',
    operator: 'ana',
    commit: null,
    commitSubject: null,
    branch: null,
    notes: null,
    schemaRevision: null,
    path: '',
    parts: [],
    bytes: 0,
    digest: '',
    ...more,
  }
}

async function put(path: string, text = 'x') {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), text)
}

beforeEach(async () => {
  root = temporaryFolder()
  await mkdir(join(root, '.knowngood'))
  vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 10_000)
})
afterEach(() => vi.restoreAllMocks())

test('a dump that a record joins is listed once, and alone again when the record goes', async () => {
  const dir = backups.dump.dir
  const sql = `${dir}/mosaic-20251121_120711Z.sql`
  await put(sql, 'SELECT 1;')
  const alone = ['dump-mosaic-20251121_120711Z.sql ok']
  expect([await list(), await list()]).toEqual([alone, alone])
  const part = { source: 'database', use: 'postgres', path: sql, bytes: 9, sha256: '', unsettled: [] }
  const path = `${dir}/dump-20251121_120711Z.json`
  const own = record({ id: 'dump-20251121_120711Z', kind: 'dump', path, parts: [part] })
  await put(own.path, JSON.stringify(own))
  const joined = ['dump-20251121_120711Z ok']
  expect([await list(), await list()]).toEqual([joined, joined])
  await rename(join(root, dir, 'dump-20251121_120711Z.json'), join(root, 'away'))
  expect([await list(), await list()]).toEqual([alone, alone])
})

test.each(['torn', '{"tables":12}'])(
  'a JSON beside a dump or a data archive that is no record of it hides nothing: %s',
  async (text) => {
    await put(`${backups.dump.dir}/mosaic-20251121_120711Z.sql`, 'SELECT 1;')
    await put(`${backups.dump.dir}/dump-20251121_120711Z.json`, text)
    await put('drive/2025/11-21/mosaic-20251121_120711Z.tar.gz')
    await put('drive/2025/11-21/mosaic-20251121_120711Z.json', text)
    const data = { ...backups.dump, dir: 'drive', name: 'mosaic' } as unknown as Backups['data']
    expect(await list({ ...backups, data })).toEqual([
      'dump-mosaic-20251121_120711Z.sql ok',
      'data-20251121_120711Z ok',
    ])
  },
)

test('a record whose archive comes back is no longer missing', async () => {
  const dir = backups.prod.dir
  const path = `${dir}/prod-2025-11-21.zip`
  await mkdir(join(root, dir), { recursive: true })
  await writeArchiveRecord(root, record({ id: 'prod-2025-11-21', kind: 'prod', path, bytes: 22 }))
  expect([await list(), await list()]).toEqual([['prod-2025-11-21 missing'], ['prod-2025-11-21 missing']])
  await put(path, `PK\u0005\u0006${'\0'.repeat(18)}`)
  expect([await list(), await list()]).toEqual([['prod-2025-11-21 ok'], ['prod-2025-11-21 ok']])
})

test('what another configuration took is asked for its name again', async () => {
  await put(`${backups.bundle.dir}/mosaic-v1.2-20251121_120711Z.tar.gz`)
  expect([await list(), await list()]).toEqual([['bundle-20251121_120711Z ok'], ['bundle-20251121_120711Z ok']])
  expect(await list({ ...backups, bundle: { ...backups.bundle, name: 'other' } })).toEqual([])
})

test('what can no longer be looked at is one damaged backup, and hides no other', async () => {
  await put('exports/a.zip', 'xx')
  const full = { type: 'full', timestamp: '2025-11-21T12:07:11.000Z', commitHash: 'a'.repeat(40) }
  const exported = { ...full, convexExportPath: 'exports/a.zip', exportSizeBytes: 2 }
  await put(`${backups.full.dir}/full-backup-1763726831000.json`, JSON.stringify(exported))
  await put(`${backups.quick.dir}/quick-backup-1763726000000.json`, JSON.stringify({ ...full, type: 'quick' }))
  const states = async () => (await list()).map((one) => one.split(' ')[1])
  expect([await states(), await states()]).toEqual([
    ['ok', 'ok'],
    ['ok', 'ok'],
  ])
  await rename(join(root, 'exports'), join(root, 'away'))
  await symlink('exports', join(root, 'exports'))
  expect(await list()).toEqual(['quick-1763726000000 ok', 'full-1763726831000 damaged'])
})
