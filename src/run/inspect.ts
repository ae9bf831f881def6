import { UserError } from '../core/failure.ts'
import type { Inspection } from '../core/deck.ts'
import type { Json, JsonRecord } from '../core/json.ts'
import { isRunId } from '../core/naming.ts'
import { statePaths } from '../core/paths.ts'
import { allSteps, type CallRegistry, type Plan, type Seen, type Step } from '../core/plan.ts'
import { type RunState, runState } from '../core/run-state.ts'
import { seenWords } from '../core/seen-words.ts'
import { secretValue } from '../world/secrets.ts'
import { readJournal } from './journal.ts'
import { probeStep } from './probe.ts'
import { summaryOf } from './summary.ts'

export type Findings = { state: RunState; seen: ReadonlyMap<string, Seen>; blocked: string | null }

/** A run's journal folded; throws a UserError when there is no such run. */
export async function readRun(root: string, run: string): Promise<RunState> {
  const state = isRunId(run) ? runState(await readJournal(root, run)) : null
  if (state === null)
    throw new UserError(`There is no run ${run}`, 'its journal is not here', [
      'knowngood resume lists interrupted runs.',
    ])
  return state
}

/** Looks at every step that was begun: what the journal says, and what the world shows. Changes nothing. */
export async function findOut(root: string, run: string, calls: CallRegistry, waitMs = 0): Promise<Findings> {
  const state = await readRun(root, run)
  const blocked = unreadable(state.plan, calls)
  const seen = new Map<string, Seen>()
  if (blocked !== null) return { state, seen, blocked }
  const io = {
    root,
    run,
    dir: statePaths(root).run(run),
    signal: new AbortController().signal,
    bytes() {},
    line() {},
    child() {},
    secret: secretValue,
  }
  const gives: Record<string, JsonRecord> = Object.fromEntries(
    [...state.steps].map(([id, record]) => [id, record.gives]),
  )
  for (const step of allSteps(state.plan)) {
    const record = state.steps.get(step.id)
    if (record === undefined || record.state === 'none' || step.probe === undefined) continue
    const found = await probeStep(step, record, { gives, run: runFacts(state, run, root) }, io, calls, waitMs)
    seen.set(step.id, found)
    if (found.gives) gives[step.id] = { ...record.gives, ...found.gives }
  }
  return { state, seen, blocked }
}

/** The run as Refs see it when it is looked at or taken up again. */
export function runFacts(state: RunState, run: string, root: string): Record<string, Json> {
  return {
    id: run,
    startedAt: state.startedAt,
    dir: statePaths(root).run(run),
    by: state.by,
    reason: state.answers['reason'] ?? null,
    outcome: null,
    exit: null,
    failedStep: null,
    error: null,
  }
}

function unreadable(plan: Plan, calls: CallRegistry): string | null {
  if (plan.schema !== 1) return 'its plan was made by another version of Knowngood'
  const names = allSteps(plan).flatMap(callNames)
  const unknown = names.find((name) => !(name in calls))
  return unknown === undefined ? null : `this version does not know the call ${unknown}`
}

function callNames(step: Step): string[] {
  const actions = [
    ...step.actions,
    ...(step.undo ?? []),
    ...(step.probe ? [step.probe] : []),
    ...(step.capture ? [step.capture] : []),
  ]
  return actions.flatMap((action) => (action.do === 'call' ? [action.name] : []))
}

const WORDS = {
  open: 'begun',
  done: 'done',
  failed: 'failed',
  undoing: 'half put back',
  undone: 'put back',
  owed: 'owed',
} as const

/** Why a run that came that far is not put back. */
export function forwardOnly({ op }: Plan): string {
  return `it is ${op === 'publish' ? 'public' : 'certified'}: forward only`
}

/** Ended without its promise kept: it can still be finished or put back. */
export function isUnsettled(state: RunState): boolean {
  return state.end?.outcome === 'stuck'
}

/** What an operator sees of an interrupted run, and which ways out are open. */
export async function inspectRun(root: string, run: string, calls: CallRegistry): Promise<Inspection> {
  const { state, seen, blocked } = await findOut(root, run, calls)
  const summary = summaryOf(run, state)
  const steps = allSteps(state.plan).flatMap((step) => {
    const journal = state.steps.get(step.id)?.state ?? 'none'
    if (journal === 'none') return []
    const found = seen.get(step.id)
    const standing = found?.state ?? (journal === 'done' ? 'done' : 'partial')
    const says = found === undefined ? '' : sentence(found)
    return [{ id: step.id, title: step.title, journal: WORDS[journal], seen: says, state: standing }]
  })
  const closed =
    summary.state === 'running'
      ? 'it is still running'
      : summary.state === 'ended' && !isUnsettled(state)
        ? 'it has ended'
        : null
  const strange = steps.find((step) => step.state === 'foreign' || step.state === 'unknown')
  const why = closed ?? blocked
  const resume = why ?? (strange ? `${strange.title}: ${strange.seen}` : null)
  const undo =
    why ??
    (state.certified || seen.get(state.plan.certifiedBy ?? '')?.state === 'done' ? forwardOnly(state.plan) : null)
  return {
    run: summary,
    plan: state.plan,
    steps,
    resume: { can: resume === null, why: resume ?? 'goes on where it stopped, doing again only what is not there' },
    undo: { can: undo === null, why: undo ?? 'puts back what it did, last step first' },
    abandon: {
      can: summary.state !== 'running',
      why: summary.state === 'running' ? 'it is still running' : 'leaves everything as it is now and lets the locks go',
    },
    detail: { reasons: strange === undefined ? [] : [strange.seen] },
  }
}

function sentence(seen: Seen): string {
  const words: Record<Seen['state'], string> = {
    absent: 'not there',
    done: 'done',
    partial: 'half done',
    foreign: "somebody else's",
    settling: 'still settling',
    unknown: 'cannot be told',
  }
  const saw = seenWords(seen.saw)
  return saw === '' ? words[seen.state] : `${words[seen.state]}: ${saw}`
}
