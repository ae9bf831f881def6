import { expect, test } from 'vitest'
import { calls } from '../../src/calls/registry.ts'
import type { ListedBackup, Part } from '../../src/core/backup.ts'
import type { Facts } from '../../src/core/facts.ts'
import { known, unknown } from '../../src/core/known.ts'
import { allSteps } from '../../src/core/plan.ts'
import type { Plan, Step } from '../../src/core/plan.ts'
import type { Project } from '../../src/core/project.ts'
import { planRestore } from '../../src/plans/restore.ts'
import { planRestoreBeside } from '../../src/plans/restore-beside.ts'
import type { BesideRequest } from '../../src/plans/restore-beside.ts'
import { restoreCandidates } from '../../src/plans/restore-candidates.ts'
import type { RestoreRequest } from '../../src/plans/restore-request.ts'
import { planRestoreUndo } from '../../src/plans/restore-undo.ts'
import { planRollback } from '../../src/plans/rollback.ts'
import { planVerify } from '../../src/plans/verify.ts'
import { decidedFor } from '../helpers/decided.ts'
import { backup, NOW, someFacts } from '../helpers/fake-facts.ts'
import { projectAt } from '../helpers/project.ts'

const OLDER = '7c1aa02bb1b2c3d4e5f60718293a4b5c6d7e8f90'
const part = (source: string, use: string, path: string, more: Partial<Part> = {}): Part => ({
  source,
  use,
  path,
  bytes: 100,
  sha256: 'a'.repeat(64),
  unsettled: [],
  ...more,
})

const database = part('database', 'sqlite', 'database/database.db', { counts: { users: 2 }, schema: '0007' })
const uploads = part('uploads', 'files', 'files/uploads.tar.gz')
const stored: ListedBackup = {
  ...backup('set', 'before', '2025-11-20T10:00:00Z', 200, 'hashed'),
  path: 'backups/before',
  commit: OLDER,
  parts: [database, uploads, part('git', 'git', 'git/repo.bundle')],
}

const project: Project = projectAt('/clone', {
  sources: { database: { use: 'sqlite', path: 'data/app.db' }, uploads: { use: 'files', paths: ['uploads'] } },
  services: [{ stop: ['pm2', 'stop', 'api'], start: ['pm2', 'start', 'api'], status: ['pm2', 'describe', 'api'] }],
})
const live = { kind: 'url', url: 'https://mosaic.example/', contains: null, status: 200, timeoutMs: 5_000 } as const
const verified: Project = { ...project, verify: { timeoutMs: 5_000, reads: 3, checks: [live] } }

function factsWith(listed: ListedBackup, schema: string | null = '0007'): Facts {
  const sources = [{ name: 'database', use: 'sqlite', schema: known(schema, NOW), detail: {} }]
  return { ...someFacts(), backups: known([listed], NOW), sources }
}

const facts = factsWith(stored)
const request = (more: Partial<RestoreRequest> = {}): RestoreRequest => ({
  id: 'before',
  only: [],
  flushRedis: false,
  acceptSchema: false,
  reason: 'orders lost',
  ...more,
})
const besides = (more: Partial<BesideRequest> = {}): BesideRequest => ({
  id: 'before',
  only: [],
  dir: '/tmp/out',
  urlFrom: null,
  file: null,
  ...more,
})
const kept = [
  { name: 'database', use: 'sqlite', kept: { how: 'copied', file: '/clone/old.db', sha256: 'b'.repeat(64) } },
  { name: 'uploads', use: 'files', kept: [{ path: 'uploads', old: 'uploads.before-restore-1' }] },
]

const plans: Record<string, () => Plan> = {
  restore: () => planRestore(verified, facts, request(), decidedFor('restore')),
  'restore of one': () => planRestore(project, facts, request({ only: ['uploads'] }), decidedFor('restore')),
  'restore beside': () => planRestoreBeside(project, facts, besides(), decidedFor('restore')),
  'one file': () => planRestoreBeside(project, facts, besides({ file: 'a/b.txt' }), decidedFor('restore')),
  'swap back': () =>
    planRestoreUndo(verified, facts, { undo: 'restore-1', of: 'before', kept, reason: null }, decidedFor('restore')),
  verify: () => planVerify(project, facts, { ids: ['before'], rung: 'readable' }, decidedFor('verify')),
  'verify all': () => planVerify(project, facts, { ids: 'all', rung: 'restored' }, decidedFor('verify')),
  'rollback with data': () =>
    planRollback(verified, facts, { to: 'before', withData: true, reason: 'a test' }, decidedFor('rollback')),
}

const idsOf = (steps: readonly Step[]) => steps.map(({ id }) => id).join(' ')

test('where a restore beside says it stands is where it stands: a database of a server is in no folder', () => {
  const parts = [part('shop', 'postgres', 'database/shop.dump')]
  const both = projectAt('/clone', { sources: { ...project.sources, shop: { use: 'postgres', url: '$SHOP_URL' } } })
  const to = (more: ListedBackup['parts'], only: string[] = []) => {
    const asked = { id: 'before', only, dir: '/out', urlFrom: null, file: null }
    const listed = { ...stored, parts: more }
    return planRestoreBeside(both, factsWith(listed), asked, decidedFor('restore')).names['to']
  }
  expect(to(parts)).toBe('a new database on its server')
  expect(to([...parts, uploads])).toBe('/out and a new database on its server')
  expect(to([...parts, uploads], ['uploads'])).toBe('/out')
})

test('a source that never has a schema revision is not held to the one of another', () => {
  const cloud = part('cloud', 'convex', 'database/cloud.zip')
  const listed = { ...stored, parts: [cloud], schemaRevision: '0007' }
  const both = projectAt('/clone', {
    sources: { ...project.sources, cloud: { use: 'convex', deployment: 'happy-sturgeon-123' } },
  })
  const sources = [
    { name: 'database', use: 'sqlite', schema: known('0007', NOW), detail: {} },
    { name: 'cloud', use: 'convex', schema: known(null, NOW), detail: {} },
  ]
  const plan = planRestore(both, { ...factsWith(listed), sources }, request({ only: ['cloud'] }), decidedFor('restore'))
  expect(plan.holds).toEqual([])
})

test.each([
  [
    'restore',
    'lock basis hold hash readable.database readable.uploads room stop backup beside.database beside.uploads swap.database swap.uploads start verify',
    'ensure drop.database drop.uploads backup.tidy release unlock',
  ],
  [
    'restore of one',
    'lock basis hold hash readable.uploads room stop backup beside.uploads swap.uploads start',
    'ensure drop.uploads backup.tidy release unlock',
  ],
  [
    'restore beside',
    'hold hash readable.database readable.uploads readable.git room folder beside.database beside.uploads beside.git',
    'release',
  ],
  ['one file', 'hold hash room folder take', 'release'],
  ['swap back', 'lock basis kept stop back.uploads back.database start verify', 'ensure unlock'],
  ['verify', 'hold hash readable.database readable.uploads readable.git verdict', 'release tidy'],
  [
    'rollback with data',
    'lock basis hold hash readable.database readable.uploads room stop backup beside.database beside.uploads swap.database swap.uploads commit target.git-push start verify certify record log index',
    'log-failed ensure drop.database drop.uploads backup.tidy release unlock',
  ],
])('%s goes in this order', (name, steps, always) => {
  const plan = plans[name]?.()
  expect(plan?.holds).toEqual([])
  expect(idsOf(plan?.steps ?? [])).toBe(steps)
  expect(idsOf(plan?.always ?? [])).toBe(always)
})

test.each(Object.keys(plans))('%s is data that a crash cannot change, and every call it names is known', (name) => {
  const plan = plans[name]?.() as Plan
  expect(JSON.parse(JSON.stringify(plan))).toEqual(plan)
  expect(plans[name]?.()).toEqual(plan)
  const steps = allSteps(plan)
  expect(new Set(steps.map(({ id }) => id)).size).toBe(steps.length)
  expect(idsOf(steps.filter((step) => step.probe === undefined && step.effect !== 'read'))).toBe('')
  expect(idsOf(steps.filter((step) => step.effect === 'destroys' && step.onFail === 'undo' && !step.undo))).toBe('')
  const named = steps.flatMap((step) =>
    [
      ...step.actions,
      ...(step.undo ?? []),
      ...(step.probe ? [step.probe] : []),
      ...(step.capture ? [step.capture] : []),
    ].flatMap((action) => (action.do === 'call' ? [action.name] : [])),
  )
  expect(named.filter((one) => !Object.hasOwn(calls, one))).toEqual([])
})

test('nothing live is touched before the snapshot, everything is swapped under the shared lock, and what is lost is said', () => {
  const plan = plans['restore']?.() as Plan
  const snapshot = plan.steps.findIndex(({ id }) => id === 'backup')
  expect(plan.steps.slice(0, snapshot).filter(({ effect }) => effect === 'destroys')).toEqual([])
  for (const step of plan.steps.filter(({ effect }) => effect === 'destroys')) expect(step.fence).toBe(true)
  expect(plan.asks.map(({ kind }) => kind)).toEqual(['review', 'reason', 'typed'])
  expect(plan.loses).toEqual([
    'What was written to database since 2025-11-20 10:00 UTC (26 h) is no longer live.',
    'What was written to uploads since 2025-11-20 10:00 UTC (26 h) is no longer live.',
  ])
  const captured = allSteps(plan).filter(({ id }) => id.startsWith('capture.'))
  expect(idsOf(captured)).toBe('capture.database capture.uploads')
  expect(plan.certifiedBy).toBe(null)
})

test('beside asks for nothing and locks nothing; live data is not named in it', () => {
  const plan = plans['restore beside']?.() as Plan
  expect([plan.asks, plan.loses, plan.locks]).toEqual([[], [], false])
  expect(allSteps(plan).filter(({ effect }) => effect === 'destroys')).toEqual([])
})

test.each([
  ['differs', '0008', '0007', 'database is at 0008, the backup is of 0007'],
  ['is not recorded', '0008', undefined, 'database is at 0008, the backup is of one that is not recorded'],
  ['is gone', null, '0007', 'database is at an unknown revision, the backup is of 0007'],
])('fault 48: a schema revision that %s holds, and both are named', (_, now, then, why) => {
  const { schema: _schema, ...bare } = database
  const parts = [then === undefined ? bare : { ...bare, schema: then }]
  const other = { ...stored, parts, schemaRevision: null }
  const held = planRestore(project, factsWith(other, now), request(), decidedFor('restore'))
  expect(held.holds).toMatchObject([{ id: 'schema', why }])
  const accepted = planRestore(project, factsWith(other, now), request({ acceptSchema: true }), decidedFor('restore'))
  expect(accepted.holds).toEqual([])
  expect(accepted.warnings.join()).toContain('the code stays')
})

test('fault 48: a database that cannot be asked holds as well', () => {
  const asked = { name: 'database', use: 'sqlite', schema: unknown<string | null>('it is down', '', NOW), detail: {} }
  const plan = planRestore(project, { ...facts, sources: [asked] }, request(), decidedFor('restore'))
  expect(plan.holds).toMatchObject([{ id: 'schema', why: 'database is at an unknown revision, the backup is of 0007' }])
})

test('what a source knows to stand in the way of its swap is held, and named', () => {
  const [seen] = facts.sources
  const held = {
    ...facts,
    sources: seen === undefined ? [] : [{ ...seen, detail: { swap: 'its role lacks CREATEDB' } }],
  }
  expect(planRestore(project, held, request(), decidedFor('restore')).holds).toMatchObject([
    { id: 'swap', why: 'database cannot be exchanged: its role lacks CREATEDB' },
  ])
})

test.each([
  ['an unknown backup', request({ id: 'nope' }), 'unknown', 'there is no backup nope'],
  ['a source it does not hold', request({ only: ['cache'] }), 'not-in-it', 'before has no cache to put back'],
  ['code', request({ only: ['git'] }), 'not-in-it', 'before has no git to put back'],
  ['a flush where no cache is', request({ flushRedis: true }), 'no-redis', 'no redis is configured to be flushed'],
])('%s is held', (_, asked, id, why) => {
  expect(planRestore(project, facts, asked, decidedFor('restore')).holds).toMatchObject([{ id, why }])
})

test('what is damaged, missing, half done or locked is held; a source that left the configuration too, unless others are chosen', () => {
  const of = (more: Partial<ListedBackup>, change: Partial<Facts> = {}) =>
    planRestore(project, { ...factsWith({ ...stored, ...more }), ...change }, request(), decidedFor('restore')).holds
  expect(of({ state: 'damaged', because: 'a byte is flipped' })).toMatchObject([{ id: 'damaged' }])
  expect(of({ state: 'missing' })).toMatchObject([{ id: 'missing' }])
  const strange = { parts: [...stored.parts, part('old', 'convex', 'database/old.zip')] }
  expect(of(strange)).toMatchObject([
    { id: 'not-configured', fix: expect.stringContaining('--only: database, uploads') },
  ])
  const chosen = factsWith({ ...stored, ...strange })
  expect(planRestore(project, chosen, request({ only: ['database'] }), decidedFor('restore')).holds).toEqual([])
  const run = { id: 'restore-1', op: 'restore', state: 'interrupted' } as never
  expect(of({}, { runs: known([run], NOW) })).toMatchObject([{ id: 'unfinished' }])
})

test('a source that was renamed is found by its make, when there is only one', () => {
  const renamed = { ...stored, parts: [{ ...database, source: 'db' }] }
  expect(planRestore(project, factsWith(renamed), request(), decidedFor('restore')).names['sources']).toBe(
    'database=sqlite',
  )
})

test('more parts than a source knows to put back together are named, and no reason to break', () => {
  const two = { ...stored, parts: [database, { ...database, path: 'database/other.db' }, uploads] }
  const plan = planRestore(project, factsWith(two), request(), decidedFor('restore'))
  expect(plan.holds.map(({ why }) => why).join()).toContain('database is 2 parts in this backup, and one was expected')
  expect(planRestore(project, factsWith(two), request({ only: ['uploads'] }), decidedFor('restore')).holds).toEqual([])
  const looked = planVerify(project, factsWith(two), { ids: ['before'], rung: 'readable' }, decidedFor('verify'))
  expect(looked.warnings.join()).toContain('database/other.db is not opened')
})

test('the list says what a restore loses, what it needs, and what is not offered', () => {
  const listed = [
    stored,
    { ...stored, id: 'torn', state: 'damaged' as const, because: 'a byte is flipped' },
    { ...backup('bundle', 'bundle-1', NOW, 1, 'hashed'), parts: [] },
    backup('quick', 'quick-1', NOW, 0, 'hashed'),
  ]
  const rows = restoreCandidates(project, { ...facts, backups: known(listed, NOW) })
  expect(rows).toMatchObject([
    { id: 'before', sources: ['database', 'uploads'], offered: true, schema: { verdict: 'same' }, lostMs: 93_871_000 },
    { id: 'torn', offered: false, because: 'a byte is flipped' },
    { id: 'bundle-1', offered: false, because: expect.stringContaining('--to DIR') },
  ])
})

test('swapping back goes last first, and says so when there is nothing', () => {
  const nothing = { undo: 'restore-1', of: 'before', kept: [], reason: null }
  const plan = planRestoreUndo(project, facts, nothing, decidedFor('restore'))
  expect(plan.holds).toMatchObject([{ id: 'nothing-kept' }])
  expect(plan.steps).toEqual([])
})

test('one database goes into a URL, and only one', () => {
  const into = (more: Partial<BesideRequest>) =>
    planRestoreBeside(project, facts, besides({ dir: null, urlFrom: 'RESTORE_URL', ...more }), decidedFor('restore'))
  expect(into({}).holds).toEqual([])
  expect(into({ only: ['uploads'] }).holds).toMatchObject([{ id: 'not-in-it' }])
  expect(into({}).title).toBe('Restore before beside, into the database of $RESTORE_URL')
})
