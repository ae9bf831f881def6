import type { JournalEntry } from './journal-entry.ts'
import type { Json, JsonRecord } from './json.ts'
import { allSteps, type Plan } from './plan.ts'

/** What the journal knows of one step. `open`: begun, and nothing says how it ended. */
export type StepRecord = {
  id: string
  state: 'none' | 'open' | 'done' | 'failed' | 'undoing' | 'undone' | 'owed'
  was: Json
  gives: JsonRecord
  attempt: number
  seq: number
}

export type RunState = {
  plan: Plan
  answers: Record<string, string>
  by: string
  startedAt: string
  steps: ReadonlyMap<string, StepRecord>
  /** Begun and not undone, in the order they were begun. */
  begun: StepRecord[]
  certified: boolean
  /** Putting back had begun when it stopped. */
  undoing: boolean
  ended: boolean
  end: { at: string; exit: number; outcome: string; owed: string[] } | null
  /** The machine of the process that last had it in hand. */
  host: string
  lastStep: string | null
  owner: { pid: number; started: string; boot: string }
}

/** Reads a run's state out of its journal; null when it never began. */
export function runState(entries: readonly JournalEntry[]): RunState | null {
  const begin = entries.find((entry) => entry.k === 'begin')
  if (begin === undefined) return null
  const { plan, answers, by } = begin
  const steps = new Map<string, StepRecord>(
    allSteps(plan).map((step) => [step.id, { id: step.id, state: 'none', was: null, gives: {}, attempt: 0, seq: 0 }]),
  )
  let owner = { pid: begin.pid, started: begin.started, boot: begin.boot }
  let end: RunState['end'] = null
  let host = begin.host
  let lastStep: string | null = null
  let undoing = false
  const last = new Set(plan.always.map((step) => step.id))
  for (const entry of entries) {
    if (entry.k === 'taken') {
      owner = { pid: entry.pid, started: entry.started, boot: entry.boot }
      host = entry.host
      end = null
    }
    if (entry.k === 'end') end = { at: entry.at, exit: entry.exit, outcome: entry.outcome, owed: entry.owed }
    // Cleaning up comes after every end and is not where a run stopped.
    if (entry.k === 'intent' && !last.has(entry.step)) {
      lastStep = entry.step
      // A half-made step that is put back and made again: the run went forward.
      undoing = false
    }
    if (entry.k === 'verdict' && entry.what === 'undo') undoing = true
    if (entry.k !== 'intent' && entry.k !== 'undo' && entry.k !== 'outcome') continue
    const step = steps.get(entry.step)
    if (step === undefined) continue
    if (entry.k === 'undo') {
      step.state = 'undoing'
      undoing = true
    } else if (entry.k === 'outcome') {
      step.state = entry.result === 'already' ? 'done' : entry.result
      step.gives = { ...step.gives, ...entry.gives }
    } else {
      // What stood before the first attempt is what undo restores; a second look would see half of our own work.
      if (step.state === 'none' || step.state === 'undone') Object.assign(step, { was: entry.was, seq: entry.seq })
      step.state = 'open'
      step.attempt = entry.attempt
    }
  }
  const certifiedBy = plan.certifiedBy === null ? null : steps.get(plan.certifiedBy)
  const begun = [...steps.values()]
    .filter((step) => step.state !== 'none' && step.state !== 'undone')
    .toSorted((a, b) => a.seq - b.seq)
  return {
    plan,
    answers,
    by,
    startedAt: begin.at,
    steps,
    begun,
    certified: certifiedBy?.state === 'done',
    undoing,
    ended: end !== null,
    end,
    host,
    lastStep,
    owner,
  }
}
