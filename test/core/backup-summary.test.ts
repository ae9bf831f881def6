import { expect, test } from 'vitest'
import { doubtsOf, missingKinds, summarize, verdictOf } from '../../src/core/backup-summary.ts'
import { someBackups } from '../helpers/fake-backups.ts'
import { backup, NOW } from '../helpers/fake-facts.ts'

const now = new Date(NOW)
const HOUR = 3_600_000
const [one] = summarize([backup('full', 'full-1', '2025-11-20T12:00:00Z', 1, 'hashed')], now)

test('the last proven one stands for its kind, not merely the newest', () => {
  const site = summarize(someBackups, now).find(({ kind }) => kind === 'site')
  expect(site?.newest.id).toBe('site-backup_20251119_033032Z')
  expect(site?.proven?.id).toBe('site-backup_20251018_031500Z')
  expect(site && verdictOf(site, null, now)).toEqual({ tone: 'bad', says: 'newest damaged' })
})

test('kinds come in their order, however the list is sorted', () => {
  const shuffled = someBackups.toReversed()
  expect(summarize(shuffled, now)).toEqual(summarize(someBackups, now))
  expect(summarize(shuffled, now).map(({ kind }) => kind)).toEqual(['quick', 'full', 'site', 'release', 'set'])
})

test('a kind is fresh until its time is up, and never stale without one', () => {
  expect(one && verdictOf(one, 48 * HOUR, now).says).toBe('fresh')
  expect(one && verdictOf(one, HOUR, now)).toEqual({ tone: 'warn', says: 'older than 1 h' })
  expect(one && verdictOf(one, null, now).says).toBe('proven')
})

test('a newer one that was not verified does not hide the proven one, nor make it fresh', () => {
  const [kind] = summarize(
    [
      backup('full', 'full-2', '2025-11-21T11:00:00Z', 1, 'found'),
      backup('full', 'full-1', '2025-11-19T12:00:00Z', 1, 'hashed'),
    ],
    now,
  )
  expect(kind?.proven?.id).toBe('full-1')
  expect(kind && verdictOf(kind, 24 * HOUR, now).says).toBe('older than 24 h')
  expect(kind && verdictOf(kind, null, now).says).toBe('newest not verified')
})

test('one dated in the future proves nothing', () => {
  const [kind] = summarize([backup('full', 'full-9', '2026-11-21T12:00:00Z', 1, 'restored')], now)
  expect(kind?.proven).toBeNull()
})

test('a kind that is to be fresh is missed while there is none of it', () => {
  const wanted = (kind: string) => (kind === 'full' || kind === 'dump' ? HOUR : null)
  expect(missingKinds(summarize(someBackups, now), wanted)).toEqual(['dump'])
  expect(missingKinds([], () => null)).toEqual([])
})

test('a doubt stays until a newer backup of the kind has none', () => {
  expect(doubtsOf(summarize(someBackups, now))).toEqual([
    'release-20251120_031500Z: database is 1.1 MB, half the size of the last one (5.2 MB)',
  ])
  const better = backup('release', 'release-20251121_031500Z', '2025-11-21T03:15:00Z', 5_200_000, 'hashed')
  expect(doubtsOf(summarize([better, ...someBackups], now))).toEqual([])
})
