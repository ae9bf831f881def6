import type {
  AuditView,
  BrokenConfig,
  Deck,
  DeckFacts,
  DeckRequest,
  Inspection,
  RunView,
  Store,
} from '../../src/core/deck.ts'
import type { Facts, Gate, RunSummary } from '../../src/core/facts.ts'
import { known, valueOr } from '../../src/core/known.ts'
import type { Plan } from '../../src/core/plan.ts'
import { fakeDetail, fakeKinds, fakeRetention, someBackups } from './fake-backups.ts'
import { candidates, NOW, someFacts } from './fake-facts.ts'
import { fakePlan, runningDeploy } from './fake-plans.ts'

/** A configuration with three things wrong, and a baseline that carries its own. */
export const brokenConfig: BrokenConfig = {
  what: 'knowngood.yaml has 3 problems',
  problems: [
    'line 9: sources.database.use: there is no sqlit; did you mean sqlite?',
    'line 31: deplooy is unknown; did you mean deploy?',
    `line 40: ${'verify.checks is unknown to this version, as are many others of which this line tells; '.repeat(3)}`,
  ],
  next: ['knowngood docs configuration shows every key.'],
  from: 'immaculate-3',
  lines: () => Promise.resolve(['knowngood.yaml has 3 problems', '', '▸    9    database: { path: data/app.db }']),
  mended: () => Promise.resolve(false),
}

type Settable<T> = Store<T> & { set(value: T): void }

function settable<T>(initial: T): Settable<T> {
  let value = initial
  const listeners = new Set<() => void>()
  return {
    get: () => value,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    set(next) {
      value = next
      for (const listener of listeners) listener()
    },
  }
}

type Asked = [what: string, ...rest: unknown[]]

export type FakeDeck = Deck & {
  asked: Asked[]
  factsStore: Settable<DeckFacts>
  run: Settable<RunView | null>
  setFacts(change: Partial<Facts>, checking?: string[]): void
}

export const RUN = 'deploy-20251121_120630Z-a1b2'

export function runSummary(change: Partial<RunSummary> = {}): RunSummary {
  return {
    id: RUN,
    op: 'deploy',
    title: 'Deploy 9f2c1e0',
    subject: '9f2c1e0',
    by: 'ana',
    startedAt: '2025-11-21T11:50:00.000Z',
    endedAt: null,
    state: 'interrupted',
    exit: null,
    outcome: null,
    lastStep: 'verify',
    lastStepTitle: 'Verify live',
    pid: 4242,
    certified: false,
    owed: [],
    ...change,
  }
}

const audit: AuditView[] = [
  {
    at: '2025-11-21T06:00:00.000Z',
    actor: 'ana',
    event: 'backup',
    outcome: 'done',
    subject: 'quick-1763436600000',
    says: 'Quick backup created: 31d099c',
    legacy: false,
  },
  {
    at: '2025-11-18T03:34:00.000Z',
    actor: 'ana',
    event: 'deploy',
    outcome: 'done',
    subject: 'prod-2025-11-18',
    says: 'Deployed 31d099c as prod-2025-11-18',
    legacy: false,
  },
  {
    at: '2025-11-12T17:31:00.000Z',
    actor: 'ben',
    event: 'deploy',
    outcome: 'failed',
    subject: '4bd9e11',
    says: 'Deploy of 4bd9e11 stopped at Verify live',
    legacy: true,
  },
]

/** A whole deck made by hand, with the values of the drawings; remembers what it was asked. */
export function fakeDeck(facts: Facts = someFacts()): FakeDeck {
  const factsStore = settable<DeckFacts>({ facts, checking: new Set() })
  const run = settable<RunView | null>(null)
  const asked: Asked[] = []
  const note = <T>(value: T, ...what: Asked): T => {
    asked.push(what)
    return value
  }
  const gate = (): Gate => {
    const found = factsStore.get().facts.gate
    if (!found.ok) throw new Error('no gate')
    return found.value
  }
  const listed = () => valueOr(factsStore.get().facts.backups, [])
  const settleItem = (id: string, state: 'pass' | 'fail' | 'waived', reason: string | null): Gate => {
    const fresh: Gate = {
      ...gate(),
      state: 'open',
      items: gate().items.map((item) => (item.id === id ? { ...item, state, reason, by: 'ana' } : item)),
    }
    factsStore.set({ facts: { ...factsStore.get().facts, gate: known(fresh, NOW) }, checking: new Set() })
    return fresh
  }
  // oxlint-disable-next-line unicorn/consistent-function-scoping -- read beside the deck it belongs to
  const inspection = (): Inspection => ({
    run: runSummary(),
    plan: fakePlan({ op: 'deploy', type: 'release' }),
    steps: [
      { id: 'lock', title: 'Lock', journal: 'done', seen: 'refs/knowngood/lock is still ours', state: 'done' },
      { id: 'deploy', title: 'Deploy', journal: 'done', seen: 'main is 9f2c1e0 on origin', state: 'done' },
      { id: 'verify', title: 'Verify live', journal: 'begun', seen: 'production serves 9f2c1e0', state: 'partial' },
    ],
    resume: { can: true, why: 'It verifies again and certifies.' },
    undo: { can: true, why: 'It pushes 31d099c back and proves it live.' },
    abandon: { can: false, why: 'The shared lock is still held by this run.' },
    detail: {},
  })
  let preferences = { theme: 'auto' as const, name: null, lastProject: null }
  return {
    asked,
    factsStore,
    run,
    setFacts(change, checking = []) {
      factsStore.set({ facts: { ...factsStore.get().facts, ...change }, checking: new Set(checking) })
    },
    project: 'mosaic',
    environment: 'production',
    root: '/srv/mosaic',
    operator: 'ana',
    host: 'laptop',
    now: () => new Date('2025-11-21T12:09:11.000Z'),
    facts: factsStore,
    refresh: () => Promise.resolve(note(undefined, 'refresh')),
    plan: (request: DeckRequest) => Promise.resolve(note(planFor(request, factsStore.get().facts), 'plan', request)),
    start: (plan: Plan, answers) => {
      run.set({ ...runningDeploy(RUN), plan, ...(plan.op === 'deploy' ? {} : { states: {}, bytes: {} }) })
      return Promise.resolve(note(RUN, 'start', plan.op, answers))
    },
    watch: () => run,
    stop: (id) => Promise.resolve(note(undefined, 'stop', id)),
    candidates: () => Promise.resolve(candidates),
    kinds: () => Promise.resolve(fakeKinds()),
    glass: () => Promise.resolve([]),
    kept: () => Promise.resolve([]),
    backup: (id) => {
      const found = listed().find((each) => each.id === id)
      return found ? Promise.resolve(fakeDetail(found)) : Promise.reject(new Error(`There is no backup ${id}`))
    },
    confirmDoubts: (id, reason) => Promise.resolve(note(undefined, 'confirm doubts', id, reason)),
    freshMs: () => null,
    room: () => [],
    retention: () => Promise.resolve(fakeRetention(listed())),
    gate: {
      runChecks: () => Promise.resolve(note({ ...gate(), state: 'open' as const }, 'checks')),
      confirm: (id, evidence) => Promise.resolve(note(settleItem(id, 'pass', null), 'confirm', id, evidence)),
      fail: (id, reason) => Promise.resolve(note(settleItem(id, 'fail', reason), 'fail', id, reason)),
      waive: (id, reason, by, typed) =>
        Promise.resolve(note(settleItem(id, 'waived', reason), 'waive', id, reason, by, typed)),
    },
    inspect: () => Promise.resolve(inspection()),
    settle: (id, how) => {
      run.set(runningDeploy(id))
      return Promise.resolve(note(id, 'settle', how))
    },
    log: (file) =>
      Promise.resolve([`# ${file}`, '', ...Array.from({ length: 60 }, (_, index) => `line ${index + 1} of the log`)]),
    runLog: () =>
      Promise.resolve(
        Array.from({ length: 200 }, (_, index) => `12:09:${String(index % 60).padStart(2, '0')}  output ${index + 1}`),
      ),
    activity: () => Promise.resolve(audit),
    copy: (text) => Promise.resolve(note(undefined, 'copy', text)),
    commands: () => [
      { name: 'status', does: 'what is live, what is next', off: null },
      { name: 'doctor', does: 'check every tool this project needs', off: null },
      { name: 'audit verify', does: 'check the chain of the audit log', off: 'there is no audit log yet' },
    ],
    read: (command) => Promise.resolve([`output of ${command}`]),
    commits: () =>
      Promise.resolve([
        {
          oid: '31d099c0c8a5b7e1',
          subject: 'Open the QA mode to reviewers',
          author: 'ana',
          at: '2025-11-17T10:00:00Z',
        },
      ]),
    broken: null,
    preferences: {
      get: () => preferences,
      set: (change) => {
        preferences = { ...preferences, ...change } as typeof preferences
      },
    },
  }
}

function planFor(request: DeckRequest, facts: Facts): Plan {
  const plan = fakePlan(request)
  if (request.op === 'deploy') return { ...plan, holds: facts.deployHolds, warnings: facts.deployWarnings }
  const differs = request.op === 'rollback' && request.to === 'prod-2025-11-09' && request.acceptSchema !== true
  return differs
    ? { ...plan, holds: [{ id: 'schema', why: 'the schema revision differs (0007, 0006)', fix: 'accept it' }] }
    : plan
}

/** A deck with backups of several kinds; full ones are to be fresh. */
export function keeping(backups = someBackups): FakeDeck {
  const deck = fakeDeck()
  deck.setFacts({ backups: known(backups, NOW) })
  deck.freshMs = (kind) => (kind === 'full' ? 86_400_000 : null)
  return deck
}
