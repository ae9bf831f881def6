import { expect, test } from 'vitest'
import type { BackupRecord } from '../../src/core/backup.ts'
import type { Named } from '../../src/records/backup-readers.ts'
import { foundRow } from '../../src/records/found-row.ts'

const record: BackupRecord = {
  schema: 1,
  id: 'quick-1701450000000',
  kind: 'quick',
  at: '2024-12-01T20:00:00.000Z',
  origin: 'found',
  run: null,
  operator: null,
  commit: 'abc123def456',
  commitSubject: 'Last commit message here',
  branch: 'master',
  notes: null,
  schemaRevision: null,
  path: 'backups/quick/quick-backup-1701450000000.json',
  parts: [],
  bytes: 206,
  digest: 'd',
}
const found = (change: Partial<BackupRecord> = {}, more: Partial<Named> = {}): Named => ({
  record: { ...record, ...change },
  state: 'ok',
  because: null,
  name: record.id,
  ...more,
})
const part = { source: 'database', use: 'sqlite', path: 'x', bytes: 1, sha256: '', unsettled: [] }
const foreign = { colour: 'red' } as Partial<BackupRecord>

test.each<[string, Named | null]>([
  ['a quick record', found()],
  ['one of ours', found({ origin: 'knowngood', run: 'backup-1', operator: 'ana', notes: 'before' })],
  ['one that says ours without a run', found({ origin: 'knowngood' })],
  ['an archive of another tool', found({ kind: 'prod', commit: null, commitSubject: null, branch: null, digest: '' })],
  ['one with parts', found({ parts: [part] })],
  ['one with doubts', found({ doubts: ['half the size'], ms: 12 })],
  ['one in another place', found({ path: 'elsewhere.json' })],
  ['one with fields of another tool', found(foreign)],
  ['a damaged one', found({}, { state: 'damaged', because: 'the file is empty' })],
  ['one that goes by another name than its file', found({}, { name: 'quick-1' })],
  ['no backup after all', null],
])('%s is read as it was written', (_, one) => {
  const kept: unknown = JSON.parse(JSON.stringify(foundRow.write(one, record.path)))
  expect(foundRow.read(kept, record.path)).toEqual(one)
})

test('a plain one takes no more than its own words', () => {
  expect(JSON.stringify(foundRow.write(found(), record.path))).not.toContain('null')
})
