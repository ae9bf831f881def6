import { age, stretch } from './age.ts'
import type { BackupKind } from './backup.ts'
import { overdue } from './backup-summary.ts'
import type { Facts, RunSummary } from './facts.ts'
import { EXIT } from './failure.ts'
import { short } from './naming.ts'

/** Something worth doing now: the key that does it, its name, and why in half a sentence. */
export type NextAction = {
  id: 'settle' | 'watch' | 'certify' | 'rollback' | 'backup' | 'gate' | 'deploy' | 'verify' | 'drill' | 'baseline'
  key: string
  title: string
  why: string
  state: 'ready' | 'held' | 'urgent'
  run: string | null
}

type FreshMs = (kind: BackupKind) => number | null

/** What to do next, the three most urgent first; `freshMs` is how old a kind may be. Pure: the same facts give the same advice. */
export function nextActions(facts: Facts, now: Date, freshMs: FreshMs = () => null): NextAction[] {
  const runs = facts.runs.ok ? facts.runs.value : []
  const running = runs.find((run) => run.state === 'running')
  const all = [
    ...runs.filter((run) => run.state === 'interrupted').map((run) => settle(run, now)),
    ...(running ? [watch(running, now)] : []),
    ...failedRelease(facts, runs),
    ...uncertified(facts, runs),
    ...backup(facts, freshMs, now),
    ...gate(facts),
    ...deploy(facts),
    ...verify(facts),
    ...drill(facts),
    ...baseline(facts),
  ]
  return all.slice(0, MOST)
}

const MOST = 3

function act(
  id: NextAction['id'],
  key: string,
  title: string,
  why: string,
  state: NextAction['state'],
  run: string | null = null,
): NextAction {
  return { id, key, title, why, state, run }
}

const noun = (run: RunSummary): string => (run.op === 'verify-live' ? 'verification' : run.op)

function settle(run: RunSummary, now: Date): NextAction {
  const where = run.lastStepTitle === null ? '' : ` at ${run.lastStepTitle}`
  const why = `${run.subject} stopped${where} ${age(run.endedAt ?? run.startedAt, now)}`
  return act('settle', 'enter', `Settle the ${noun(run)}`, why, 'urgent', run.id)
}

function watch(run: RunSummary, now: Date): NextAction {
  return act(
    'watch',
    'enter',
    `Watch the ${noun(run)}`,
    `${run.subject} by ${run.by}, started ${age(run.startedAt, now)}`,
    'ready',
    run.id,
  )
}

/**
 * A release whose live verification failed, until one was certified or gone back to: what was tried since and failed, was put
 * back or was held left it live. What another clone released counts by its tag.
 */
function failedRelease({ history }: Facts, runs: readonly RunSummary[]): NextAction[] {
  const ended = runs.filter((run) => run.state === 'ended' && (run.op === 'deploy' || run.op === 'rollback'))
  const failed = newest(ended.filter((run) => run.exit === EXIT.liveWrong))
  if (failed === undefined) return []
  const since = (at: string) => Date.parse(at) > Date.parse(failed.startedAt)
  const mended =
    ended.some((run) => since(run.startedAt) && run.exit === EXIT.done && run.outcome === 'done') ||
    history.some(({ mark, type, at }) => since(at) && mark !== 'failed' && type !== 'emergency')
  if (mended) return []
  return [act('rollback', 'r', 'Roll back', `${failed.subject} failed its live verification`, 'urgent', failed.id)]
}

function uncertified(facts: Facts, runs: readonly RunSummary[]): NextAction[] {
  const last = newest(runs.filter((run) => run.state === 'ended' && run.op !== 'backup' && run.op !== 'verify-live'))
  if (last === undefined || last.op !== 'deploy' || last.certified) return []
  // Putting a deploy back, or leaving it half way, ends well too.
  if (last.exit !== 0 || last.outcome !== 'done') return []
  const items = facts.gate.ok ? facts.gate.value.items.filter((item) => item.when === 'after') : []
  const open = items.filter((item) => item.state === 'open' || item.state === 'fail').length
  if (open > 0)
    return [act('gate', 'g', 'Confirm what is live', `verified, not certified; ${open} to confirm`, 'urgent')]
  return [
    act(
      'certify',
      'enter',
      'Certify the release',
      `${last.subject} is verified and confirmed, not tagged yet`,
      'urgent',
      last.id,
    ),
  ]
}

function newest(runs: readonly RunSummary[]): RunSummary | undefined {
  return runs.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt))[0]
}

function backup(facts: Facts, freshMs: FreshMs, now: Date): NextAction[] {
  const hold = facts.deployHolds.find((each) => each.id === 'backup')
  const late = facts.backups.ok ? overdue(facts.backups.value, freshMs, now).map(({ says }) => says) : []
  const why = [...late, ...(hold ? [hold.why] : [])]
  return why.length > 0 ? [act('backup', 'b', 'Back up now', why.join('; '), 'ready')] : []
}

function gate(facts: Facts): NextAction[] {
  if (!facts.git.ok || facts.git.value.next === null) return []
  const commit = short(facts.git.value.next.oid)
  if (facts.git.value.ahead === 0) return []
  if (!facts.gate.ok)
    return [act('gate', 'g', 'Run the gate', facts.gate.because || `not looked at for ${commit}`, 'ready')]
  const { state, items } = facts.gate.value
  const before = items.filter((item) => item.when === 'before')
  const passed = before.filter((item) => item.state === 'pass' || item.state === 'waived').length
  const why = {
    'not run': `not run for ${commit}`,
    open: `${passed} of ${before.length} pass for ${commit}`,
    failed: `failed for ${commit}`,
    expired: `what was confirmed for ${commit} is too old`,
    passed: null,
  }[state]
  return why === null ? [] : [act('gate', 'g', state === 'open' ? 'Go on with the gate' : 'Run the gate', why, 'ready')]
}

function deploy(facts: Facts): NextAction[] {
  if (!facts.git.ok || facts.git.value.next === null || facts.git.value.ahead === 0) return []
  const { ahead, next, current } = facts.git.value
  if (facts.deployHolds.length > 0) {
    return [act('deploy', 'd', 'Deploy', `held: ${facts.deployHolds.map((hold) => hold.why).join(', ')}`, 'held')]
  }
  const what =
    current === null
      ? `the first release, ${short(next.oid)}`
      : ahead === null
        ? short(next.oid)
        : `${short(next.oid)}, ${count(ahead, 'commit')}`
  return [act('deploy', 'd', 'Deploy', what, 'ready')]
}

function verify(facts: Facts): NextAction[] {
  if (!facts.git.ok || facts.git.value.current === null) return []
  return [act('verify', 'v', 'Verify live', 'prove that production serves what it should', 'ready')]
}

function drill({ drills }: Facts): NextAction[] {
  const late = drills.filter(({ overdueMs }) => overdueMs > 0)
  const why = late.map(({ kind, overdueMs }) => `${kind} is ${stretch(overdueMs)} overdue: knowngood drill ${kind}`)
  return late.length === 0 ? [] : [act('drill', 'enter', 'Drill a restore', why.join('; '), 'ready')]
}

/** Break glass needs one, and it can only be made while all is well. */
function baseline({ backups, git }: Facts): NextAction[] {
  if (!backups.ok || !git.ok || git.value.current === null) return []
  if (backups.value.some(({ kind }) => kind === 'baseline')) return []
  const why = 'there is none to break glass with: knowngood baseline create NAME'
  return [act('baseline', 'enter', 'Make a baseline', why, 'ready')]
}

/** "1 commit", "14 commits". */
export function count(number: number, of: string): string {
  return `${number} ${of}${number === 1 ? '' : 's'}`
}
