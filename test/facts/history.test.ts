import { expect, test } from 'vitest'
import type { DeployLogEntry, Facts, ReleaseRow, RunSummary, TagFact } from '../../src/core/facts.ts'
import { known, unknown } from '../../src/core/known.ts'
import { history } from '../../src/facts/history.ts'

const at = '2026-11-21T12:00:00.000Z'
const oid = (letter: string) => letter.repeat(40)

const aTag = (name: string, when: string, letter = 'a'): TagFact => ({
  name,
  oid: oid('0'),
  commit: oid(letter),
  at: when,
  tagger: 'Ana',
  message: '',
  subject: '',
  release: true,
})
const aLog = (change: Partial<DeployLogEntry>): DeployLogEntry => ({
  file: 'x.md',
  date: '2026-11-18',
  at: null,
  slug: 'x',
  title: 'X',
  tag: null,
  commit: null,
  buildId: null,
  version: null,
  type: null,
  operator: null,
  outcome: null,
  run: null,
  rollbackTarget: null,
  backup: null,
  ...change,
})
const aRow = (change: Partial<ReleaseRow>): ReleaseRow => ({
  id: 1,
  version: null,
  deploymentType: 'release',
  backupPath: 'b',
  schemaRevision: null,
  recordedAt: at,
  tag: null,
  commitSha: oid('a'),
  buildId: null,
  operator: 'ana',
  outcome: 'certified',
  run: null,
  ...change,
})
const aRun = (change: Partial<RunSummary>): RunSummary => ({
  id: 'r1',
  op: 'deploy',
  title: '',
  subject: '9f2c1e0',
  by: 'ana',
  startedAt: '2026-11-21T11:55:00.000Z',
  endedAt: at,
  state: 'ended',
  exit: 0,
  outcome: 'done',
  lastStep: null,
  lastStepTitle: null,
  pid: 1,
  certified: true,
  owed: [],
  ...change,
})

function rows(seen: { tags?: TagFact[]; logs?: DeployLogEntry[]; releases?: ReleaseRow[]; runs?: RunSummary[] }) {
  const git = { tags: seen.tags ?? [] } as unknown as Extract<Facts['git'], { ok: true }>['value']
  return history({
    git: known(git, at),
    logs: known(seen.logs ?? [], at),
    releases: known(seen.releases ?? [], at),
    runs: known(seen.runs ?? [], at),
  })
}

test('one release told by record, log, tag and run is one row that knows all they say', () => {
  const told = rows({
    tags: [aTag('prod-2026-11-21', at)],
    logs: [aLog({ file: '2026-11-21_x.md', tag: 'prod-2026-11-21', run: 'r1', outcome: 'certified' })],
    releases: [aRow({ tag: 'prod-2026-11-21', run: 'r1' })],
    runs: [aRun({})],
  })
  expect(told).toEqual([
    {
      mark: 'release',
      name: 'prod-2026-11-21',
      at,
      type: 'release',
      tookMs: 300_000,
      by: 'ana',
      note: '',
      commit: oid('a'),
      run: 'r1',
      log: '2026-11-21_x.md',
    },
  ])
})

test('logs by hand and bare prod tags are history too, newest first; other tags are not', () => {
  const told = rows({
    tags: [
      aTag('prod-2026-11-18', '2026-11-18T03:30:00.000Z'),
      aTag('prod-2026-11-02', '2026-11-02T03:30:00.000Z'),
      { ...aTag('v1.0', at), release: false },
      { ...aTag('sacred/first', at), release: false },
    ],
    logs: [
      aLog({ file: '2026-11-18_qa.md', tag: 'prod-2026-11-18', commit: oid('b') }),
      aLog({ date: '2026-11-01', slug: 'first', file: '2026-11-01_first.md' }),
    ],
  })
  expect(told.map(({ name, log, by }) => [name, log, by])).toEqual([
    ['prod-2026-11-18', '2026-11-18_qa.md', 'Ana'],
    ['prod-2026-11-02', null, 'Ana'],
    ['first', '2026-11-01_first.md', ''],
  ])
})

test('a rollback names a tag without being that release', () => {
  const told = rows({
    tags: [aTag('prod-2026-11-18', '2026-11-18T03:30:00.000Z')],
    releases: [aRow({ tag: 'prod-2026-11-18', outcome: 'rollback', run: 'r2' })],
    logs: [aLog({ tag: 'prod-2026-11-18', outcome: 'rollback', run: 'r2', file: 'back.md' })],
    runs: [aRun({ id: 'r2', op: 'rollback' })],
  })
  expect(told.map(({ mark, type, log }) => [mark, type, log])).toEqual([
    ['rollback', 'rollback', 'back.md'],
    ['release', 'release', null],
  ])
})

test('runs that failed say where; runs that were only held, or checks, are no history', () => {
  const told = rows({
    logs: [aLog({ run: 'r4', outcome: 'failed', date: '2026-11-21', file: 'failed.md', commit: oid('c') })],
    runs: [
      aRun({ id: 'r4', exit: 7, lastStepTitle: 'Verify live' }),
      aRun({ id: 'r3', exit: 4, lastStepTitle: 'Build', startedAt: '2026-11-20T12:00:00.000Z' }),
      aRun({ id: 'r5', exit: 3 }),
      aRun({ id: 'r6', exit: 6 }),
      aRun({ id: 'r7', op: 'backup' }),
      aRun({ id: 'r8', state: 'running', exit: null, endedAt: null }),
      aRun({
        id: 'r9',
        state: 'interrupted',
        exit: null,
        endedAt: null,
        lastStepTitle: 'Push',
        startedAt: '2026-11-19T12:00:00.000Z',
      }),
    ],
  })
  expect(told.map(({ mark, run, note, log }) => [mark, run, note, log])).toEqual([
    ['failed', 'r4', 'stopped at Verify live', 'failed.md'],
    ['failed', 'r3', 'stopped at Build', null],
    ['failed', 'r9', 'stopped at Push', null],
  ])
})

test('what was verified first and certified later is one release', () => {
  const verified = aLog({
    run: 'r1',
    outcome: 'verified, not certified',
    at: '2026-11-21T11:00:00.000Z',
    commit: oid('a'),
  })
  expect(rows({ logs: [verified] }).map(({ mark }) => mark)).toEqual(['verified'])
  const release = aRow({ tag: 'prod-2026-11-21', run: 'r2' })
  expect(rows({ logs: [verified], releases: [release] }).map(({ mark }) => mark)).toEqual(['release'])
})

test('what is unknown takes nothing else away', () => {
  const nothing = unknown<never>('x', 'y', at)
  expect(
    history({
      git: nothing,
      logs: nothing,
      releases: known([aRow({ tag: 'prod-2026-11-21' })], at),
      runs: nothing,
    }),
  ).toHaveLength(1)
})

test('an emergency restore is a way back, and says which', () => {
  const rows = history({
    git: unknown('not looked', '', at),
    logs: known([aLog({ outcome: 'emergency', run: 'e1', commit: oid('b') })], at),
    releases: known([], at),
    runs: known([], at),
  })
  expect(rows.map(({ mark, type }) => [mark, type])).toEqual([['rollback', 'emergency']])
})

test('a run that was put back, or left half way, released nothing', () => {
  const marks = rows({
    runs: [
      aRun({ id: 'r1', outcome: 'undone', certified: false }),
      aRun({ id: 'r2', outcome: 'abandoned', certified: false }),
      aRun({ id: 'r3', certified: false }),
    ],
  }).map(({ run, mark }) => `${run} ${mark}`)
  expect(marks.toSorted()).toEqual(['r1 failed', 'r2 failed', 'r3 verified'])
})
