import type { DeckRequest, RunView } from '../../src/core/deck.ts'
import type { Plan, Step } from '../../src/core/plan.ts'
import type { RunEvent } from '../../src/core/run-event.ts'

function step(id: string, title: string, change: Partial<Step> = {}): Step {
  const actions: Step['actions'] = [
    { do: 'exec', argv: ['git', 'push', 'origin', `HEAD:${id}`], idleMs: 1_000, timeoutMs: 1_000, okCodes: [0] },
  ]
  return { id, title, effect: 'outward', actions, gives: [], stop: 'before', onFail: 'undo', ...change }
}

const deploySteps: Step[] = [
  step('lock', 'Lock', { detail: 'refs/knowngood/lock' }),
  step('backup', 'Back up', {
    detail: 'release-20251121_120711Z',
    steps: [
      step('backup.database', 'database', { detail: 'pg_dump, 1.8 GB, 214 tables counted' }),
      step('backup.code', 'code', { detail: '3 parts' }),
    ],
  }),
  step('deploy', 'Deploy', {
    stop: 'never',
    steps: [
      step('deploy.stamp', 'Stamp BUILD_ID', { detail: 'mosaic_ui/index.html', stop: 'never' }),
      step('deploy.netlify', 'netlify', { detail: 'upload', stop: 'never' }),
    ],
  }),
  step('verify', 'Verify live', {
    detail: '3 reads of https://mosaic.example/',
    stop: 'never',
    effect: 'read',
    haltExit: 7,
  }),
  step('certify', 'Certify', { detail: 'tag prod-2025-11-21, prod-current, log, record', expect: { ms: 2_000 } }),
]

const rollbackSteps: Step[] = [
  step('backup', 'Back up what is live now', { detail: 'so that this can be undone' }),
  step('revert', 'Push a commit with the tree of 7c1aa02', {
    detail: 'to main, and deploy it',
    expect: { ms: 40_000 },
  }),
  step('verify', 'Prove its BUILD_ID is live', { detail: 'move prod-current' }),
]

const restoreSteps: Step[] = [
  step('verify', 'Verify the backup', { detail: 'every byte, 5.2 MB', effect: 'read', expect: { ms: 2_000 } }),
  step('snapshot', 'Back up what stands now', { detail: 'full-1763726951000' }),
  step('beside.database', 'Restore beside', { detail: 'database, 119,206 rows', stop: 'anytime' }),
  step('swap.database', 'Swap', { detail: 'database; the old one is kept', effect: 'destroys' }),
]

/** A restore in the middle of reading its backup: bytes come, the total is that of the last run. */
export function runningRestore(run: string): RunView {
  return {
    run,
    plan: fakePlan({ op: 'restore', id: 'full-1763436540000', only: [], flushRedis: false, acceptSchema: false }),
    startedAt: '2025-11-21T12:08:51.000Z',
    events: [],
    states: {
      verify: state('done', 2_000),
      snapshot: state('done', 4_000),
      'beside.database': state('running', null, '2025-11-21T12:08:59.000Z'),
    },
    bytes: { 'beside.database': { done: 1_950_000, total: 5_200_000, basis: 'last run' } },
    end: null,
    died: false,
  }
}

/** A plan as the real ones look, without holds. */
export function fakePlan(request: DeckRequest): Plan {
  const base = {
    schema: 1 as const,
    tool: '0.1.0',
    request: {},
    names: {},
    basis: {},
    holds: [],
    warnings: [],
    loses: [],
    audit: { required: true, event: request.op, subject: '' },
    locks: true,
    always: [],
    certifiedBy: null,
  }
  if (request.op === 'rollback') {
    return {
      ...base,
      op: 'rollback',
      title: `Roll back to ${request.to}`,
      loses: ['prod-2025-11-18 is no longer live'],
      asks: [
        { id: 'review', kind: 'review', text: 'Roll back?', flag: '--yes' },
        { id: 'confirm', kind: 'typed', text: 'Type the name', expects: 'mosaic-production', flag: '--confirm' },
        { id: 'reason', kind: 'reason', text: 'Why?', flag: '--reason' },
      ],
      steps: rollbackSteps,
    }
  }
  if (request.op === 'deploy') {
    return {
      ...base,
      op: 'deploy',
      title: 'Deploy 9f2c1e0',
      names: { tag: 'prod-2025-11-21' },
      asks: [{ id: 'review', kind: 'review', text: 'Deploy?', flag: '--yes' }],
      certifiedBy: 'certify',
      steps: deploySteps,
      always: [step('unlock', 'Unlock', { detail: 'refs/knowngood/lock', onFail: 'owe' })],
    }
  }
  if (request.op === 'restore') {
    return {
      ...base,
      op: 'restore',
      title:
        'undo' in request
          ? `Swap back what ${request.undo} replaced`
          : 'forget' in request
            ? `Remove what ${request.forget} kept`
            : `Restore from ${request.id}`,
      loses: ['what was written to database since Tue 03:29, about 3 d'],
      asks: [
        { id: 'review', kind: 'review', text: 'Restore?', flag: '--yes' },
        { id: 'confirm', kind: 'typed', text: 'Type the name', expects: 'mosaic-production', flag: '--confirm' },
        { id: 'reason', kind: 'reason', text: 'Why?', flag: '--reason' },
      ],
      steps: restoreSteps,
    }
  }
  const title = titleOf(request)
  return {
    ...base,
    op: request.op,
    title,
    asks:
      request.op === 'delete'
        ? [
            { id: 'confirm', kind: 'typed', text: 'Type the name', expects: 'mosaic-production', flag: '--confirm' },
            { id: 'reason', kind: 'reason', text: 'Why?', flag: '--reason' },
          ]
        : [],
    steps: [step('only', title, { stop: 'anytime', detail: 'one step' })],
  }
}

function titleOf(request: DeckRequest): string {
  if (request.op === 'backup') return 'Quick backup'
  if (request.op === 'certify') return 'Certify 9f2c1e0'
  if (request.op === 'verify') return `Verify ${request.id}`
  if (request.op === 'delete') return `Delete ${request.id}`
  return request.op === 'prune' ? 'Prune' : 'Verify live'
}

const T0 = '2025-11-21T12:06:30.000Z'

type State = RunView['states'][string]
const state = (name: string, ms: number | null, startedAt: string | null = null): State => ({
  state: name,
  ms,
  startedAt,
  error: null,
})

/** A deploy in the middle of its upload, as in the drawing. */
export function runningDeploy(run: string): RunView {
  return {
    run,
    plan: fakePlan({ op: 'deploy', type: 'release' }),
    startedAt: T0,
    events: [
      {
        run,
        seq: 1,
        at: '2025-11-21T12:09:10.000Z',
        step: 'deploy.netlify',
        t: 'line',
        from: 'out',
        text: '406 of 671 files',
      },
      {
        run,
        seq: 2,
        at: '2025-11-21T12:09:11.000Z',
        step: 'deploy.netlify',
        t: 'line',
        from: 'out',
        text: '412 of 671 files',
      },
    ],
    states: {
      lock: state('done', 400),
      backup: state('done', 112_000),
      'backup.database': state('done', 91_000),
      'backup.code': state('done', 21_000),
      deploy: state('running', null, '2025-11-21T12:08:27.000Z'),
      'deploy.stamp': state('done', 300),
      'deploy.netlify': state('running', null, '2025-11-21T12:08:40.000Z'),
    },
    bytes: { 'deploy.netlify': { done: 61, total: 100, basis: 'counted' } },
    end: null,
    died: false,
  }
}

export function lineEvent(run: string, seq: number, text: string): RunEvent {
  return { run, seq, at: '2025-11-21T12:09:11.000Z', step: 'deploy.netlify', t: 'line', from: 'out', text }
}

/** The same run, over. */
export function ended(
  view: RunView,
  exit: number,
  outcome: NonNullable<RunView['end']>['outcome'],
  failed?: string,
): RunView {
  const all = Object.keys({
    lock: 0,
    backup: 0,
    'backup.database': 0,
    'backup.code': 0,
    deploy: 0,
    'deploy.stamp': 0,
    'deploy.netlify': 0,
    verify: 0,
    certify: 0,
    unlock: 0,
  })
  const states = Object.fromEntries(
    all.map((id) => [
      id,
      id === failed
        ? { ...state('failed', 5_000), error: 'BUILD_ID 31d099c is served, 9f2c1e0 expected' }
        : state(id === 'certify' && failed ? 'waiting' : 'done', 1_000),
    ]),
  )
  return {
    ...view,
    states,
    bytes: {},
    end: {
      run: view.run,
      seq: 99,
      at: '2025-11-21T12:10:00.000Z',
      step: '',
      t: 'end',
      exit,
      outcome,
      owed: [],
      byHand: [],
      ...(failed ? { error: 'Verify live failed' } : {}),
    },
  }
}
