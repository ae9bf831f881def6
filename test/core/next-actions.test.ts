import { expect, test } from 'vitest'
import { known } from '../../src/core/known.ts'
import { nextActions } from '../../src/core/next-actions.ts'
import { runSummary } from '../helpers/fake-deck.ts'
import { NOW, backup, emptyFacts, someFacts } from '../helpers/fake-facts.ts'

const now = new Date(NOW)
const keys = (facts: Parameters<typeof nextActions>[0]): string[] =>
  nextActions(facts, now).map((each) => `${each.key} ${each.id} ${each.state}`)

test('backup, gate and deploy, in the order they are needed', () => {
  expect(keys(someFacts())).toEqual(['b backup ready', 'g gate ready', 'd deploy held'])
})

test('with nothing in the way the deploy says what it brings', () => {
  const facts = { ...someFacts(), deployHolds: [] }
  expect(nextActions(facts, now).find((each) => each.id === 'deploy')?.why).toBe('9f2c1e0, 14 commits')
  expect(nextActions({ ...emptyFacts(), deployHolds: [] }, now).find((each) => each.id === 'deploy')?.why).toBe(
    'the first release, 9f2c1e0',
  )
})

test('an interrupted run comes first', () => {
  const facts = { ...someFacts(), runs: known([runSummary()], NOW) }
  expect(nextActions(facts, now)[0]).toMatchObject({
    id: 'settle',
    key: 'enter',
    why: '9f2c1e0 stopped at Verify live 14 min ago',
  })
})

test('a release that failed its verification asks for a rollback until something has been put right', () => {
  const failed = runSummary({ state: 'ended', exit: 7, endedAt: NOW })
  const later = runSummary({
    id: 'rollback-1',
    op: 'rollback',
    state: 'ended',
    exit: 0,
    outcome: 'done',
    startedAt: '2025-11-21T11:59:00.000Z',
  })
  expect(keys({ ...someFacts(), runs: known([failed], NOW) })[0]).toBe('r rollback urgent')
  expect(keys({ ...someFacts(), runs: known([failed, later], NOW) })[0]).toBe('b backup ready')
})

test('a later attempt that failed, was put back, held or abandoned leaves the rollback offered first', () => {
  const failed = runSummary({ state: 'ended', exit: 7, outcome: 'halted', endedAt: NOW })
  const later = { id: 'deploy-2', state: 'ended', startedAt: '2025-11-21T11:59:00.000Z' } as const
  for (const [exit, outcome] of [
    [9, 'halted'],
    [5, 'stuck'],
    [4, 'undone'],
    [3, 'held'],
    [0, 'undone'],
    [0, 'abandoned'],
  ] as const) {
    const runs = known([runSummary({ ...later, exit, outcome }), failed], NOW)
    const [first] = nextActions({ ...someFacts(), deployHolds: [], runs }, now)
    expect(first, outcome).toMatchObject({
      id: 'rollback',
      why: '9f2c1e0 failed its live verification',
      run: failed.id,
    })
  }
})

test('a release that a colleague certified since puts it right, one from before does not', () => {
  const failed = runSummary({ state: 'ended', exit: 7, outcome: 'halted', endedAt: NOW })
  const row = { mark: 'release', name: 'prod-2025-11-21', type: 'release', tookMs: null, by: 'ben' } as const
  const told = { ...row, note: '', commit: null, run: null, log: null }
  const first = (at: string) => keys({ ...someFacts(), runs: known([failed], NOW), history: [{ ...told, at }] })[0]
  expect(first('2025-11-21T11:49:00.000Z')).toBe('r rollback urgent')
  expect(first('2025-11-21T11:58:00.000Z')).toBe('b backup ready')
})

test('a verified release that is not certified asks for its confirmations', () => {
  const verified = runSummary({ state: 'ended', exit: 0, outcome: 'done', endedAt: NOW })
  const first = (run: typeof verified) => nextActions({ ...someFacts(), runs: known([run], NOW) }, now)[0]?.id
  expect(first(verified)).toBe('certify')
  expect(first({ ...verified, outcome: 'undone' })).toBe('backup')
  expect(first({ ...verified, outcome: 'abandoned' })).toBe('backup')
})

test('nothing new: verifying is left, and a baseline where there is none', () => {
  const some = someFacts()
  const git = some.git.ok ? known({ ...some.git.value, ahead: 0 }, NOW) : some.git
  expect(keys({ ...some, git, deployHolds: [] })).toEqual(['v verify ready', 'enter baseline ready'])
  const backups = known([backup('baseline', 'immaculate-1', NOW, 1, 'restored')], NOW)
  expect(keys({ ...some, git, backups, deployHolds: [] })).toEqual(['v verify ready'])
})

test('a drill that is overdue is advised last', () => {
  const some = someFacts()
  const git = some.git.ok ? known({ ...some.git.value, ahead: 0 }, NOW) : some.git
  const late = {
    kind: 'full',
    lastAt: '2025-08-11T12:00:00Z',
    dueAt: '2025-11-09T12:00:00Z',
    overdueMs: 1_036_800_000,
  } as const
  const facts = { ...some, git, deployHolds: [], drills: [late] }
  expect(keys(facts).slice(0, 2)).toEqual(['v verify ready', 'enter drill ready'])
  expect(nextActions(facts, new Date(NOW))[1]?.why).toBe('full is 12 d overdue: knowngood drill full')
})

test('a kind that is overdue is backed up, also when no deploy waits for it', () => {
  const daily = (kind: string) => (kind === 'full' || kind === 'quick' ? 24 * 3_600_000 : null)
  const facts = { ...someFacts(), deployHolds: [] }
  const late = new Date('2025-11-23T12:00:00Z')
  expect(nextActions(facts, now, daily)[0]).toMatchObject({ key: 'b', why: 'there is no full yet' })
  expect(nextActions(facts, late, daily)[0]).toMatchObject({ why: 'there is no full yet; quick is 2 d old' })
  expect(nextActions(facts, now)[0]?.id).not.toBe('backup')
})
