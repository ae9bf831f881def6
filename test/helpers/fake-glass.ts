import type { GlassChoice } from '../../src/core/deck.ts'
import type { Plan, Step } from '../../src/core/plan.ts'
import { known } from '../../src/core/known.ts'
import { fakeDeck, type FakeDeck } from './fake-deck.ts'
import { backup, NOW } from './fake-facts.ts'
import { fakePlan } from './fake-plans.ts'

const newest = {
  ...backup('baseline', 'immaculate-3', '2025-10-12T09:14:00Z', 1_100_000_000, 'restored'),
  provenAt: '2025-11-12T09:00:00Z',
  path: 'immaculate/immaculate-3',
}
const older = backup('baseline', 'immaculate-2', '2025-07-01T10:00:00Z', 900_000_000, 'hashed')

export const baselines: GlassChoice[] = [
  { baseline: newest, sources: ['database', 'cache'], takesMs: 372_000 },
  { baseline: older, sources: ['database'], takesMs: null },
]

const step = (id: string, title: string, detail: string): Step => ({
  id,
  title,
  detail,
  effect: 'local',
  actions: [{ do: 'exec', argv: ['echo', id], idleMs: 1_000, timeoutMs: 1_000, okCodes: [0] }],
  gives: [],
  stop: 'before',
  onFail: 'undo',
})

/** A plan as the real one looks: what it puts back follows what was asked for. */
export function emergencyPlan(request: Parameters<FakeDeck['plan']>[0] & { op: 'emergency' }): Plan {
  const all = baselines.find(({ baseline }) => baseline.id === request.baseline)?.sources ?? []
  const wanted = request.only.length === 0 ? all : all.filter((name) => request.only.includes(name))
  const sources = request.keepData ? [] : wanted
  const code = request.only.length === 0 || request.only.includes('code')
  return {
    ...fakePlan({ op: 'verify-live' }),
    op: 'emergency',
    title: `Restore mosaic / production from the baseline ${request.baseline ?? 'latest'}`,
    request,
    names: {
      run: 'emergency-20251121_123312Z-a1b2',
      snapshot: 'pre-emergency-20251121_123312Z',
      sources: sources.map((name) => `${name}=postgres`).join(' '),
    },
    holds:
      sources.length === 0 && !code
        ? [{ id: 'nothing', why: 'immaculate-3 holds nothing of what was asked for', fix: 'leave --only out' }]
        : [],
    loses: [
      ...sources.map((name) => `What was written to ${name} since 2025-10-12 09:14 UTC (40 d) is no longer live.`),
      ...(code ? ['The code goes back to 31d099c, Open the QA mode to reviewers.'] : []),
    ],
    asks: [
      { id: 'reason', kind: 'reason', text: 'Reason', flag: '--reason' },
      { id: 'typed', kind: 'typed', text: 'Type it', expects: 'mosaic-production', flag: '--confirm' },
    ],
    steps: [
      step('lock', 'Take the lock', 'refs/knowngood/lock'),
      step('room', 'Look for room', '77 GB'),
      step('witness', 'Look at the baseline', request.baseline ?? ''),
      step('backup', 'Back up', 'pre-emergency-20251121_123312Z'),
      ...sources.map((name) => step(`swap.${name}`, `Swap ${name} in`, name)),
      ...(code ? [step('target.git-push', 'Push the code', '31d099c')] : []),
      step('verify', 'Verify live', '3 reads of https://mosaic.example/'),
    ],
  }
}

/** A production with two baselines; the newest was restored and rehearsed. */
export function glassDeck(): FakeDeck {
  const deck = fakeDeck()
  deck.setFacts({ backups: known([newest, older], NOW) })
  deck.glass = () => Promise.resolve(baselines)
  const plan = deck.plan
  deck.plan = async (request) => {
    const made = await plan(request)
    return request.op === 'emergency' ? emergencyPlan(request) : made
  }
  return deck
}
