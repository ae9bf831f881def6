import { plainBackups } from '../../src/config/fill-backups.ts'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { appendFile, mkdir, mkdtemp, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeZip } from '../../src/archive/zip-write.ts'
import type { BackupRecord, PointerRecord } from '../../src/core/backup.ts'
import { writeArchiveRecord } from '../../src/records/archive-record.ts'
import { findBackup, listBackups } from '../../src/records/catalog.ts'
import { appendProof, proofsOf } from '../../src/records/proofs.ts'
import { writeQuick } from '../../src/records/quick.ts'
import { removeBackup } from '../../src/records/remove-backup.ts'

const project = {
  backups: plainBackups('mosaic'),
}
let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kg-catalog-'))
  await mkdir(join(root, 'backups/quick'), { recursive: true })
  await mkdir(join(root, 'backups/full'), { recursive: true })
})
afterEach(() => rm(root, { recursive: true, force: true }))

const list = () => listBackups(root, project)
const put = (path: string, data: string | Buffer) => writeFile(join(root, 'backups', path), data)

function record(ms: number, more: Partial<PointerRecord> = {}): PointerRecord {
  return {
    id: `quick-${ms}`,
    type: 'quick',
    timestamp: new Date(ms).toISOString(),
    commitHash: 'a'.repeat(40),
    commitMessage: 'Ship it',
    branch: 'main',
    commitFrom: 'live',
    schemaRevision: null,
    operator: 'ana',
    run: 'backup-20251121_120711Z-a1b2',
    exports: [],
    ...more,
  }
}

const SEED = {
  id: 'quick-1701450000000',
  type: 'quick',
  timestamp: '2024-12-01T20:00:00.000Z',
  commitHash: 'abc123def456',
  commitMessage: 'Last commit message here',
  branch: 'master',
  notes: 'by hand',
}

test('nothing at all is an empty list', async () => {
  await rm(join(root, 'backups'), { recursive: true })
  expect(await list()).toEqual([])
})

test('our own quick backup is listed with the proof that holds for its bytes', async () => {
  const written = await writeQuick(root, 'backups/quick', record(1_763_726_831_000, { notes: 'before' }))
  expect(written).toMatchObject({ id: 'quick-1763726831000', path: 'backups/quick/quick-backup-1763726831000.json' })
  const at = '2026-11-21T12:07:12.000Z'
  const proof = {
    backup: written.id,
    digest: written.sha256,
    part: 'record',
    rung: 'hashed',
    at,
    passed: true,
    ms: 3,
  } as const
  await appendProof(root, proof)
  const [backup] = await list()
  expect(backup).toMatchObject({
    id: written.id,
    origin: 'knowngood',
    rung: 'hashed',
    provenAt: at,
    state: 'ok',
    digest: written.sha256,
    notes: 'before',
  })
  await appendFile(join(root, written.path), ' ')
  expect((await list())[0]).toMatchObject({ rung: 'found', provenAt: null, state: 'ok' })
  expect(await proofsOf(root, written.id)).toEqual([proof])
})

test('a failed proof makes it damaged until a later one passes', async () => {
  const { id, sha256 } = await writeQuick(root, 'backups/quick', record(1))
  const proof = (at: string, passed: boolean) =>
    appendProof(root, {
      backup: id,
      digest: sha256,
      part: 'record',
      rung: 'hashed',
      at,
      passed,
      ms: 1,
      ...(passed ? {} : { because: 'the commit is gone' }),
    })
  await proof('2026-11-21T12:00:00.000Z', true)
  await proof('2026-11-21T13:00:00.000Z', false)
  await appendFile(join(root, 'backups/proofs.jsonl'), '{"backup":"qui')
  expect((await list())[0]).toMatchObject({ state: 'damaged', because: 'the commit is gone', rung: 'found' })
  await proof('2026-11-21T14:00:00.000Z', true)
  expect((await list())[0]).toMatchObject({ state: 'ok', rung: 'hashed' })
  // Later is what was written later: a clock that once was ahead hides nothing that is found after it.
  await proof('2027-11-21T14:00:00.000Z', true)
  await proof('2026-11-21T15:00:00.000Z', false)
  expect((await list())[0]).toMatchObject({ state: 'damaged', because: 'the commit is gone', rung: 'found' })
})

test('files made by hand or by older scripts are found, newest first by what they record', async () => {
  await put('quick/quick-backup-1701450000000.json', JSON.stringify(SEED))
  const full = {
    ...SEED,
    id: 'full-1701450060000',
    type: 'full',
    timestamp: '2024-12-01T21:00:00.000Z',
    convexExportPath: './backups/full/convex-1.zip',
    exportSizeBytes: 5_242_880,
  }
  await put('full/full-backup-1701450060000.json', JSON.stringify(full))
  await put('site-backup_20251118_033032Z.zip', Buffer.concat([Buffer.from('PK\u0005\u0006'), Buffer.alloc(18)]))
  await put('prod-2025-11-12.zip', 'not a zip')
  await put('prod-2025-11-18.zip', '')
  await utimes(join(root, 'backups/quick/quick-backup-1701450000000.json'), new Date(), new Date())
  const rows = (await list()).map(({ id, kind, origin, state, because }) => ({ id, kind, origin, state, because }))
  expect(rows).toEqual([
    { id: 'site-20251118_033032Z', kind: 'site', origin: 'found', state: 'ok', because: null },
    { id: 'prod-2025-11-18', kind: 'prod', origin: 'found', state: 'damaged', because: 'the file is empty' },
    {
      id: 'prod-2025-11-12',
      kind: 'prod',
      origin: 'found',
      state: 'damaged',
      because: 'it is no zip archive, or its end is missing',
    },
    {
      id: 'full-1701450060000',
      kind: 'full',
      origin: 'found',
      state: 'missing',
      because: 'backups/full/convex-1.zip is gone',
    },
    { id: 'quick-1701450000000', kind: 'quick', origin: 'found', state: 'ok', because: null },
  ])
  expect(await findBackup(root, project, 'quick-1701450000000')).toMatchObject({
    commit: 'abc123def456',
    notes: 'by hand',
    at: SEED.timestamp,
  })
})

test('damaged records are listed with the reason, foreign files and links are not', async () => {
  await put('quick/quick-backup-1.json', '{"id":')
  await put('quick/quick-backup-2.json', '')
  await put('quick/quick-backup-3.json', JSON.stringify({ ...SEED, id: 'quick-3', commitHash: '--output=pwn' }))
  await put('quick/quick-backup-4.json', JSON.stringify({ ...SEED, id: 'quick-4', timestamp: 'yesterday' }))
  await put('quick/quick-backup-5.json', '[]')
  await put('quick/notes.txt', 'mine')
  await put('app-prod.zip', 'mine')
  await symlink('quick-backup-1.json', join(root, 'backups/quick/quick-backup-6.json'))
  execFileSync('mkfifo', [join(root, 'backups/quick/quick-backup-7.json')])
  const rows = new Map((await list()).map((backup) => [backup.id, backup.because]))
  expect(Object.fromEntries(rows)).toEqual({
    'quick-1': 'it is not valid JSON',
    'quick-2': 'the file is empty',
    'quick-3': 'commitHash is not a commit',
    'quick-4': 'timestamp is missing or not a time',
    'quick-5': 'it is not valid JSON',
  })
})

test('copies keep apart, and the one whose name agrees keeps the id', async () => {
  await put('quick/quick-backup-1.json', JSON.stringify({ ...SEED, id: 'quick-2' }))
  await put('quick/quick-backup-2.json', JSON.stringify({ ...SEED, id: 'quick-2' }))
  const rows = await list()
  expect(new Map(rows.map((backup) => [backup.id, backup.path]))).toEqual(
    new Map([
      ['quick-1', 'backups/quick/quick-backup-1.json'],
      ['quick-2', 'backups/quick/quick-backup-2.json'],
    ]),
  )
})

test('an archive of ours has its record beside it; cut short, it is damaged', async () => {
  await mkdir(join(root, 'site'))
  await writeFile(join(root, 'site/index.html'), 'x'.repeat(5_000))
  const path = 'backups/prod-2025-11-21.zip'
  const { bytes, sha256 } = await writeZip({ root: join(root, 'site'), exclude: [], to: join(root, path) })
  const part = { source: 'artefact', use: 'files', path, bytes, sha256, unsettled: [] }
  const made: BackupRecord = {
    schema: 1,
    id: 'prod-2025-11-21',
    kind: 'prod',
    at: '2025-11-21T12:00:00.000Z',
    origin: 'knowngood',
    run: 'r',
    operator: 'ana',
    commit: 'a'.repeat(40),
    commitSubject: 'Ship',
    branch: 'main',
    notes: null,
    schemaRevision: null,
    path,
    parts: [part],
    bytes,
    digest: sha256,
  }
  await writeArchiveRecord(root, made)
  await appendProof(root, {
    backup: made.id,
    digest: sha256,
    part: path,
    rung: 'hashed',
    at: made.at,
    passed: true,
    ms: 1,
  })
  const [backup] = await list()
  expect(backup).toMatchObject({ ...made, state: 'ok', rung: 'hashed' })
  await writeFile(join(root, path), (await readFile(join(root, path))).subarray(0, -100))
  expect((await list())[0]).toMatchObject({ state: 'damaged', because: expect.stringContaining('its record says') })
  await rename(join(root, path), join(root, 'backups/elsewhere'))
  expect((await list())[0]).toMatchObject({ id: made.id, state: 'missing', because: `${path} is gone` })
  await rename(join(root, 'backups/elsewhere'), join(root, path))
  expect(await removeBackup(root, made)).toEqual([path, 'backups/prod-2025-11-21.json'])
  expect(await removeBackup(root, made)).toEqual([])
  expect(await list()).toEqual([])
  await expect(removeBackup(root, { ...made, origin: 'found' })).rejects.toThrow('not made by Knowngood')
})

test('makers of one millisecond both keep theirs; one run makes only one', async () => {
  const runs = Array.from({ length: 8 }, (_, index) => record(7, { run: `backup-${index}` }))
  const made = await Promise.all(runs.map((one) => writeQuick(root, 'backups/quick', one)))
  expect(new Set(made.map(({ id }) => id)).size).toBe(8)
  expect((await list()).map(({ id }) => id).toSorted()).toEqual(made.map(({ id }) => id).toSorted())
  const again = await writeQuick(root, 'backups/quick', runs[3] ?? record(7))
  expect(again).toEqual(made[3])
})

test('a thousand quick backups list quickly', async () => {
  for (let index = 0; index < 1_000; index += 1) {
    const ms = 1_700_000_000_000 + index * 60_000
    const text = JSON.stringify(record(ms), null, 2)
    await put(`quick/quick-backup-${ms}.json`, text)
    const digest = createHash('sha256').update(text).digest('hex')
    await appendFile(
      join(root, 'backups/proofs.jsonl'),
      `${JSON.stringify({ backup: `quick-${ms}`, digest, part: 'record', rung: 'hashed', at: '2026-01-01T00:00:00.000Z', passed: true, ms: 1 })}\n`,
    )
  }
  await list()
  const started = performance.now()
  const rows = await list()
  const took = performance.now() - started
  expect(rows).toHaveLength(1_000)
  expect(rows[0]).toMatchObject({ id: 'quick-1700059940000', rung: 'hashed' })
  // Far above what it takes, so that a busy machine does not fail it; far below what one by one would.
  expect(took).toBeLessThan(300)
  if (process.env['KG_SHOW_TIMES']) process.stderr.write(`listed in ${took.toFixed(1)} ms\n`)
}, 20_000)
