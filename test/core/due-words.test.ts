import { expect, test } from 'vitest'
import { drillWords, mirrorWords } from '../../src/core/due-words.ts'
import type { DrillFacts } from '../../src/core/drill.ts'

const now = new Date('2025-11-21T12:04:31.000Z')
const DAY = 86_400_000
const inDays = (days: number) => new Date(now.getTime() + days * DAY).toISOString()
const drill = (kind: DrillFacts['kind'], days: number): DrillFacts => ({
  kind,
  lastAt: inDays(days - 30),
  dueAt: inDays(days),
  overdueMs: Math.max(0, -days * DAY),
})
const never = (kind: DrillFacts['kind']): DrillFacts => ({ kind, lastAt: null, dueAt: null, overdueMs: 0 })

test('the drills are one row: the one that is overdue is the state, the other says when', () => {
  expect(drillWords([drill('spot', 4), drill('full', -12)], now)).toEqual({
    says: ['spot in 4 d · full'],
    status: '12 d overdue',
    tone: 'warn',
  })
  expect(drillWords([drill('spot', 4), drill('full', 60)], now)).toEqual({
    says: ['spot in 4 d · full in 60 d'],
    status: 'not due',
    tone: 'good',
  })
})

test('one that never passed is due, and less loud than one that is overdue', () => {
  expect(drillWords([never('spot'), never('full')], now)).toMatchObject({
    says: ['spot · full'],
    status: 'never passed',
    tone: 'open',
  })
  expect(drillWords([drill('spot', -3), never('full')], now)).toMatchObject({
    says: ['spot · full never passed'],
    status: '3 d overdue',
    tone: 'warn',
  })
  expect(drillWords([], now)).toBeNull()
})

test('a mirror says what it lacks, and when it was given something', () => {
  const mirror = { to: 'gdrive:mosaic', lacks: [], holds: 14, lastAt: '2025-11-21T06:00:00Z', stale: false }
  expect(mirrorWords(mirror, now)).toEqual({
    says: ['gdrive:mosaic   6 h ago   holds 14', 'gdrive:mosaic  6 h ago', 'gdrive:mosaic'],
    status: 'up to date',
    tone: 'good',
  })
  expect(mirrorWords({ ...mirror, lacks: ['a'] }, now)).toMatchObject({ status: 'lacks 1 backup', tone: 'open' })
  const late = { ...mirror, lacks: ['a', 'b'], stale: true, lastAt: null }
  expect(mirrorWords(late, now)).toMatchObject({ status: 'lacks 2 backups', tone: 'warn' })
  expect(mirrorWords(late, now).says[0]).toContain('nothing sent yet')
})
