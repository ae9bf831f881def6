import { expect, test } from 'vitest'
import { deployHolds, heldHere, nothingLive } from '../../src/core/holds.ts'
import { buildIdOf, nextTag, tagPattern } from '../../src/core/release.ts'
import { compareSchema } from '../../src/core/schema-revision.ts'
import { known, unknown } from '../../src/core/known.ts'
import type { Observed } from '../../src/core/holds.ts'
import { projectAt } from '../helpers/project.ts'

const at = '2026-11-21T12:00:00.000Z'
const next = 'a'.repeat(40)
const project = projectAt('/work', {
  verify: {
    timeoutMs: 5000,
    reads: 3,
    checks: [{ url: 'https://mosaic.example/', status: 200, contains: null }] as never,
  },
})
const git = {
  branch: 'main',
  checkedOut: 'main',
  remote: { name: 'origin', url: '/r' },
  next: { oid: next, subject: 's', at, author: 'ana' },
  remoteBranch: 'b'.repeat(40),
  current: null,
  tags: [],
  ahead: 1,
  migrations: 0,
  fastForward: true,
  dirty: [],
  shallow: false,
}
const backup = { id: 'quick-1', at, kind: 'quick', state: 'ok', rung: 'hashed' } as never
const facts: Observed = {
  at,
  operator: 'ana',
  host: 'laptop',
  git: known(git, at),
  live: unknown('not looked at', 'look', at),
  backups: known([backup], at),
  gate: known({ commit: next, state: 'passed', startedAt: at, passedAt: at, expiresAt: at, items: [] }, at),
  logs: known([], at),
  releases: known([], at),
  sources: [],
  migrations: {},
  lock: { local: known(null, at), shared: known(null, at) },
  runs: known([], at),
  session: known({ id: 's', startedAt: at, operator: 'ana', host: 'laptop', backups: ['quick-1'] }, at),
  disk: unknown('not looked at', 'look', at),
  mirrors: [],
  drills: [],
  history: [],
  drift: [],
}
const ids = (change: Partial<Observed>) => deployHolds(project, { ...facts, ...change }).holds.map((hold) => hold.id)

test('nothing holds a deploy that has a fresh backup of this session and a passed gate', () => {
  expect(deployHolds(project, facts)).toEqual({ holds: [], warnings: [] })
})

test.each<[string, Partial<Observed>, string]>([
  ['no backup of this session', { session: known(null, at) }, 'backup'],
  ['an unproven backup', { backups: known([{ ...(backup as object), rung: 'found' } as never], at) }, 'backup'],
  [
    'a gate for another commit',
    {
      gate: known(
        { commit: 'c'.repeat(40), state: 'passed', startedAt: at, passedAt: at, expiresAt: at, items: [] },
        at,
      ),
    },
    'gate',
  ],
  [
    'an expired gate',
    { gate: known({ commit: next, state: 'expired', startedAt: at, passedAt: at, expiresAt: at, items: [] }, at) },
    'gate',
  ],
  ['an unreadable gate', { gate: unknown('torn', 'run it', at) }, 'gate'],
  ['no fast-forward', { git: known({ ...git, fastForward: false }, at) }, 'not-fast-forward'],
  ['a shallow clone', { git: known({ ...git, shallow: true }, at) }, 'shallow'],
  ['no commits', { git: known({ ...git, next: null }, at) }, 'no-commits'],
])('%s holds it', (_, change, id) => {
  expect(ids(change)).toEqual([id])
})

test('the kind and the proof that are configured are what counts', () => {
  const asked = (more: object, change: object = {}) => {
    const gate = { ...project.gate, require: { ...project.gate.require, ...more } }
    const backups = known([{ ...(backup as object), ...change } as never], at)
    return deployHolds({ ...project, gate }, { ...facts, backups }).holds.map(({ why, fix }) => `${why}; ${fix}`)
  }
  expect(asked({ kind: 'full' })).toEqual(['no full backup this session; make one now: knowngood backup full'])
  expect(asked({ kind: 'full' }, { kind: 'full' })).toEqual([])
  expect(asked({ proof: 'readable' })).toEqual([
    'no backup of this session has been proven (readable); prove it: knowngood verify quick-1 --rung readable',
  ])
  expect(asked({ proof: 'readable' }, { rung: 'restored' })).toEqual([])
})

test('an old backup and a dirty tree only deserve a word', () => {
  const old = { ...(backup as object), at: '2026-11-21T09:00:00.000Z' } as never
  const { holds, warnings } = deployHolds(project, {
    ...facts,
    backups: known([old], at),
    git: known({ ...git, dirty: ['a'] }, at),
  })
  expect(holds).toEqual([])
  expect(warnings).toEqual([
    '1 uncommitted change is not part of this release: it is built from a clean checkout of the commit.',
    'The backup is 3 h old, older than 1 h; b makes a new one.',
  ])
})

test('a second release of a day gets -2, and other tags are no releases', () => {
  const taken = new Set(['prod-2026-11-21'])
  expect(nextTag('prod-{date}', new Date(at), taken)).toBe('prod-2026-11-21-2')
  expect(
    ['prod-2026-11-21-2', 'prod-x', 'v1', 'prod-2026-11-21x'].filter((name) => tagPattern('prod-{date}').test(name)),
  ).toEqual(['prod-2026-11-21-2'])
  expect(buildIdOf('{short}-x', next)).toBe('aaaaaaa-x')
})

test('a schema that is not known on one side is never called the same', () => {
  expect(
    [
      compareSchema('3', '3'),
      compareSchema('3', '2'),
      compareSchema('3', null),
      compareSchema(undefined, '3'),
      compareSchema(null, undefined),
    ].map((one) => one.verdict),
  ).toEqual(['same', 'differs', 'unknown', 'unknown', 'same'])
})

test('a project that cannot prove a release live is held before its deploy is reviewed', () => {
  const unproven = deployHolds(projectAt('/work'), facts).holds.map((hold) => hold.why)
  expect(unproven).toContain('nothing says how production is proven')
})

test('a branch that only the remote has is switched to, not committed to', () => {
  const seen = { ...facts, git: known({ ...git, next: null }, at) }
  expect(deployHolds(project, seen).holds.find(({ id }) => id === 'no-commits')).toEqual({
    id: 'no-commits',
    why: 'there is no branch main here, only origin/main',
    fix: 'git switch main',
  })
})

test('where nothing is live, the way on is a fetch, or a first commit; and no commit is said to be held', () => {
  const empty = { git: known({ ...git, remote: null, next: null, remoteBranch: null }, at) }
  expect(nothingLive({ git: known(git, at) }).fix).toContain('git fetch')
  expect(nothingLive(empty).fix).toBe('commit something to main first')
  expect(heldHere(empty)).toEqual([])
  expect(heldHere({ git: known({ ...git, remote: null }, at) })).toHaveLength(1)
})

test('what the last run that changed production has left to do is said until another has left nothing', () => {
  const run = (id: string, change: object) =>
    ({ id, op: 'restore', state: 'ended', outcome: 'done', exit: 0, owed: [], ...change }) as never
  const said = (...runs: never[]) => deployHolds(project, { ...facts, runs: known(runs, at) }).warnings
  const owing = run('emergency-1', { op: 'emergency', exit: 5, owed: ['Flush cache: Redis does not answer'] })
  expect(said(owing)).toEqual(['Still owed by the emergency emergency-1: Flush cache: Redis does not answer.'])
  const looked = run('verify-2', { op: 'verify' })
  const refused = run('restore-2', { outcome: 'held', exit: 3 })
  expect(said(looked, refused, owing)).toHaveLength(1)
  expect(said(run('restore-3', {}), owing)).toEqual([])
  expect(said(run('restore-4', { outcome: 'stuck', exit: 5 }))).toEqual([
    'The restore restore-4 could not be put back whole: knowngood resume restore-4.',
  ])
  expect(said(run('restore-5', { outcome: 'halted', exit: 5, owed: ['See that the services run: no'] }))).toEqual([
    'The restore restore-5 stopped half way; what it did is still there.',
    'Still owed by the restore restore-5: See that the services run: no.',
  ])
})
