import type { Gate, GateItem, GateState } from './facts.ts'
import type { GateCheck, GateConfirmation, Project } from './project.ts'

/** A verdict as it is kept. `of` is the item as configured when it was given: changed configuration voids it. */
export type Verdict = Pick<GateItem, 'evidence' | 'by' | 'ms' | 'output' | 'reason' | 'approvedBy'> & {
  id: string
  of: string
  state: 'pass' | 'fail' | 'waived'
  at: string
}

/** `.knowngood/gate/<commit>.json`: the newest verdict on each item. `startedAt` is the first run or verdict. */
export type GateFile = { schema: 1; commit: string; startedAt: string | null; verdicts: Verdict[] }

type GateRules = Pick<Project['gate'], 'checks' | 'confirmations' | 'validMs'>
type Item = { of: string; blank: GateItem }

/** A gate nobody has started. */
export function newGate(commit: string): GateFile {
  return { schema: 1, commit, startedAt: null, verdicts: [] }
}

/** The gate of a commit as it stands at a moment: what is asked now, with the verdicts that still hold. */
export function gateAt(rules: GateRules, file: GateFile, now: Date): Gate {
  const { startedAt, commit } = file
  const all = itemsOf(rules)
  const items = all.map(({ blank, of }) => withVerdict(blank, of, file))
  const before = items.filter((item) => item.when === 'before')
  const times = before.flatMap((item) => (settled(item) && item.at !== null ? [item.at] : []))
  const passed = startedAt !== null && before.every(settled)
  // The oldest verdict counts: what was looked at yesterday is not fresh because the last item was confirmed today.
  const since = times.toSorted()[0] ?? startedAt
  const until = since === null ? Number.NaN : Date.parse(since) + rules.validMs
  const stale =
    before.some((item) => settled(item) && isStale(item, rules.validMs, now)) || (passed && isPast(until, now))
  return {
    commit,
    state: stateOf(file, before, passed, stale),
    startedAt,
    passedAt: passed ? (times.toSorted().at(-1) ?? startedAt) : null,
    expiresAt: passed && !Number.isNaN(until) ? new Date(until).toISOString() : null,
    items,
  }
}

function stateOf(file: GateFile, before: GateItem[], passed: boolean, stale: boolean): GateState {
  if (before.some((item) => item.state === 'fail')) return 'failed'
  if (stale) return 'expired'
  if (passed) return 'passed'
  return file.startedAt === null ? 'not run' : 'open'
}

/** Puts a verdict in; what has grown too old by then is asked again. */
export function withNewVerdict(rules: GateRules, file: GateFile, verdict: Verdict): GateFile {
  const at = new Date(verdict.at)
  const fresh = renewed(rules, file, at).verdicts.filter((old) => old.id !== verdict.id)
  return { ...file, startedAt: file.startedAt ?? verdict.at, verdicts: [...fresh, verdict] }
}

/** The gate without the verdicts whose time is up: what they stood for must be looked at again. */
export function renewed(rules: GateRules, file: GateFile, now: Date): GateFile {
  const after = new Set(rules.confirmations.filter((item) => item.when === 'after').map((item) => item.id))
  return { ...file, verdicts: file.verdicts.filter((old) => after.has(old.id) || !isStale(old, rules.validMs, now)) }
}

/** What an item of this id asks, and the text that ties a verdict to it; null when there is none. */
export function gateItem(rules: GateRules, id: string): Item | null {
  return itemsOf(rules).find((item) => item.blank.id === id) ?? null
}

/**
 * What keeps a release that is live already from being certified: items that failed, and those asked after a deploy that nobody
 * has settled. That the time of the others is up by then is none of it.
 */
export function uncertified(gate: Gate): GateItem[] {
  return gate.items.filter((item) => item.state === 'fail' || (item.when === 'after' && !settled(item)))
}

function settled(item: GateItem): boolean {
  return item.state === 'pass' || item.state === 'waived'
}

function isStale(item: { at: string | null }, validMs: number, now: Date): boolean {
  if (item.at === null) return false
  const age = now.getTime() - Date.parse(item.at)
  // A verdict from the future proves nothing; a minute is slack between clocks.
  return !(age <= validMs && age > -60_000)
}

function isPast(until: number, now: Date): boolean {
  return !(now.getTime() <= until)
}

function withVerdict(blank: GateItem, of: string, file: GateFile): GateItem {
  const verdict = file.verdicts.find((one) => one.id === blank.id && one.of === of)
  if (!verdict) return blank
  const { id: _id, of: _of, ...rest } = verdict
  return { ...blank, ...rest }
}

function itemsOf(rules: GateRules): Item[] {
  return [...rules.checks.map(checkItem), ...rules.confirmations.map(confirmationItem)]
}

const BLANK = {
  state: 'open',
  evidence: [],
  by: null,
  at: null,
  ms: null,
  output: [],
  reason: null,
  approvedBy: null,
} as const

function checkItem(check: GateCheck): Item {
  const { id, title, run } = check
  const words = { look: run.join(' '), why: '', evidenceRule: 'none' } as const
  const blank: GateItem = { id, title, kind: 'check', when: 'before', ...words, ...BLANK, evidence: [], output: [] }
  return { of: JSON.stringify(['check', run]), blank }
}

function confirmationItem(item: GateConfirmation): Item {
  const { id, title, look, why, when, evidence } = item
  const blank: GateItem = {
    id,
    title,
    kind: 'confirmation',
    when,
    look,
    why,
    evidenceRule: evidence,
    ...BLANK,
    evidence: [],
    output: [],
  }
  return { of: JSON.stringify(['confirmation', look, evidence, when]), blank }
}
