import { expect, test } from 'vitest'
import type { AuditRow } from '../../src/core/audit-chain.ts'
import { deviationsSince } from '../../src/core/deviations.ts'

const row = (at: string, more: object): AuditRow => {
  const entry = {
    v: 1 as const,
    at,
    actor: 'ana',
    host: 'laptop',
    run: null,
    event: '',
    outcome: 'started',
    subject: '',
    prev: null,
  }
  return { line: 1, text: '', entry: { ...entry, ...more } }
}
const rows = [
  row('2025-11-17T10:00:00.000Z', { event: 'emergency', subject: 'old', detail: { reason: 'long ago' } }),
  row('2025-11-20T10:00:00.000Z', {
    event: 'lock',
    outcome: 'taken over',
    subject: 'ben@desk',
    detail: { reason: 'laptop died' },
  }),
  row('2025-11-20T11:00:00.000Z', {
    event: 'emergency',
    subject: 'empty-2026',
    detail: { reason: 'sessions corrupt' },
  }),
  row('2025-11-20T11:01:00.000Z', { event: 'emergency', outcome: 'done', subject: 'empty-2026' }),
  row('2025-11-20T12:00:00.000Z', {
    event: 'rollback',
    run: 'rollback-1',
    subject: 'prod-2025-11-12',
    detail: { reason: 'cookies', acceptSchema: true },
  }),
  row('2025-11-20T13:00:00.000Z', { event: 'rollback', subject: 'prod-2025-11-12', detail: { reason: 'plain' } }),
  { line: 9, text: 'somebody else wrote this', entry: null },
]

test('every exception since the newest log is told once, with who and why', () => {
  const logs = [
    { at: '2025-11-18T00:00:00.000Z', run: null },
    { at: '2025-11-12T00:00:00.000Z', run: null },
  ]
  expect(deviationsSince(rows, logs)).toEqual([
    '2025-11-20T10:00:00.000Z, ana: the lock of ben@desk was taken over. Why: laptop died',
    '2025-11-20T11:00:00.000Z, ana: Emergency restore initiated: empty-2026. Why: sessions corrupt',
    expect.stringMatching(/Rollback initiated .*, across schema revisions\. Why: cookies$/),
  ])
  const own = [...logs, { at: '2025-11-20T11:30:00.000Z', run: 'rollback-1' }]
  expect(deviationsSince(rows, own)).toEqual([])
  expect(deviationsSince(rows, [])).toHaveLength(4)
})
