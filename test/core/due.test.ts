import { expect, test } from 'vitest'
import type { BackupKind } from '../../src/core/backup.ts'
import { dueNow } from '../../src/core/due.ts'
import type { Facts } from '../../src/core/facts.ts'
import { known } from '../../src/core/known.ts'
import { backup, NOW, someFacts } from '../helpers/fake-facts.ts'
import { projectAt } from '../helpers/project.ts'

const all = new Set<BackupKind>(['site', 'dump', 'full', 'quick'])
const passed = { lastAt: NOW, dueAt: NOW, overdueMs: 0 }
const facts = (change: Partial<Facts>): Facts => ({
  ...someFacts(),
  backups: known([], NOW),
  mirrors: [],
  drills: [
    { kind: 'spot', ...passed },
    { kind: 'full', ...passed },
  ],
  ...change,
})
const ids = (change: Partial<Facts>, hashed: [string, string][] = [], makes = all) =>
  dueNow(projectAt('/p'), facts(change), makes, new Map(hashed)).map(({ id }) => id)

test('a site and a database dump are due once a day where they can be made; other kinds by their own fresh', () => {
  expect(ids({})).toEqual(['site backup', 'dump backup'])
  expect(ids({}, [], new Set(['site']))).toEqual(['site backup'])
  const fresh = ['site', 'dump'].map((kind) =>
    backup(kind as BackupKind, `${kind}-1`, '2025-11-21T01:00:00.000Z', 1, 'hashed'),
  )
  expect(ids({ backups: known(fresh, NOW) })).toEqual([])
})

test('a baseline is due when nobody has read it for a month', () => {
  const baseline = backup('baseline', 'imm', '2025-10-01T00:00:00.000Z', 1, 'restored')
  const backups = known([baseline], NOW)
  expect(ids({ backups }, [['imm', '2025-11-01T00:00:00.000Z']], new Set())).toEqual([])
  expect(ids({ backups }, [['imm', '2025-10-01T00:00:00.000Z']], new Set())).toEqual(['baselines'])
})

test('what a mirror lacks and an overdue drill are due', () => {
  const mirrors = [{ to: 'gdrive:x', lacks: ['site-1'], holds: 0, lastAt: null, stale: false }]
  const drills = [{ kind: 'spot' as const, lastAt: null, dueAt: null, overdueMs: 0 }]
  expect(ids({ mirrors, drills }, [], new Set())).toEqual(['mirror gdrive:x', 'drill spot'])
})
