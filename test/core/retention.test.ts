import { expect, test } from 'vitest'
import type { ListedBackup } from '../../src/core/backup.ts'
import { freshness } from '../../src/core/freshness.ts'
import { keepCount, retention } from '../../src/core/retention.ts'

const NOW = new Date('2025-11-21T12:00:00.000Z')
const HOUR = 3_600_000

function backup(hours: number, more: Partial<ListedBackup> = {}): ListedBackup {
  const at = new Date(NOW.getTime() - hours * HOUR).toISOString()
  return {
    schema: 1,
    id: `quick-${hours}`,
    kind: 'quick',
    at,
    origin: 'knowngood',
    run: 'r',
    operator: 'ana',
    commit: null,
    commitSubject: null,
    branch: null,
    notes: null,
    schemaRevision: null,
    path: `backups/quick/${hours}.json`,
    parts: [],
    bytes: 1,
    digest: 'd',
    rung: 'hashed',
    provenAt: at,
    state: 'ok',
    because: null,
    ...more,
  }
}

function gone(backups: ListedBackup[], keep: number | null, guarded = new Map<string, string>()): string[] {
  return retention(backups, 'quick', keep, NOW, guarded)
    .filter((row) => !row.keep)
    .map((row) => row.backup.id)
}

test('the newest by recorded time stay, whatever order they come in', () => {
  expect(gone([backup(3), backup(1), backup(4), backup(2)], 2)).toEqual(['quick-3', 'quick-4'])
  expect(gone([backup(1), backup(2)], null)).toEqual([])
  expect(gone([], 2)).toEqual([])
})

test('damaged ones do not count and stay; the last proven ones stay however old', () => {
  const failed = [1, 2, 3].map((hours) => backup(hours, { state: 'damaged' }))
  expect(gone([...failed, backup(9)], 1)).toEqual([])
  const unproven = [1, 2].map((hours) => backup(hours, { rung: 'found' }))
  const rows = retention(
    [...unproven, backup(8, { rung: 'restored' }), backup(9), backup(10)],
    'quick',
    1,
    NOW,
    new Map(),
  )
  expect(rows.map(({ keep, because }) => [keep, because])).toEqual([
    [true, 'one of the newest 1'],
    [false, 'older than the newest 1'],
    [true, 'the newest restored one'],
    [false, 'older than the newest 1'],
    [false, 'older than the newest 1'],
  ])
})

test('a clock a year off, files of others and what is guarded', () => {
  const future = backup(-24 * 365, { id: 'future' })
  const found = backup(50, { id: 'found', origin: 'found' })
  expect(
    gone([future, found, backup(1), backup(2), backup(3)], 1, new Map([['quick-3', 'the rollback target']])),
  ).toEqual(['quick-2'])
  const undated = backup(1, { id: 'undated', at: 'never' })
  expect(gone([undated, backup(1), backup(2)], 1)).toEqual(['quick-2'])
})

test('kinds and ids that begin alike are kept apart', () => {
  const prod = backup(9, { id: 'app-prod', kind: 'prod' })
  expect(gone([prod, backup(1, { id: 'app' }), backup(2, { id: 'app-1' })], 1, new Map([['app', 'live']]))).toEqual([
    'app-1',
  ])
})

test.each([0, -1, 1.5, Number.NaN, '', '5', undefined])('keep %j is refused', (value) => {
  expect(() => keepCount(value)).toThrow('keep must be')
})

test('only a usable backup that is not from the future is fresh', () => {
  const all = [backup(-48), backup(1, { state: 'damaged' }), backup(3), backup(5)]
  expect(freshness(all, 'quick', 2 * HOUR, NOW)).toMatchObject({
    newest: { id: 'quick-3' },
    ageMs: 3 * HOUR,
    stale: true,
  })
  expect(freshness(all, 'quick', 4 * HOUR, NOW).stale).toBe(false)
  expect(freshness(all, 'quick', null, NOW).stale).toBe(false)
  expect(freshness([], 'quick', HOUR, NOW)).toEqual({ newest: null, ageMs: null, stale: true })
})

test('what a run kept before it replaced something pushes no named set out', () => {
  const before = [1, 2, 3].map((hours) => backup(hours, { id: `pre-restore-20251121_0${hours}0000Z` }))
  const named = [4, 5].map((hours) => backup(hours, { id: `before-risky-${hours}` }))
  expect(gone([...before, ...named], 2)).toEqual(['pre-restore-20251121_030000Z'])
})
