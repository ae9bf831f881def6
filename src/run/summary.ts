import { open, readdir } from 'node:fs/promises'
import type { RunSummary } from '../core/facts.ts'
import type { JournalEntry } from '../core/journal-entry.ts'
import { isRunId } from '../core/naming.ts'
import { statePaths } from '../core/paths.ts'
import { allSteps, swapsData } from '../core/plan.ts'
import { type RunState, runState } from '../core/run-state.ts'
import { codeOf } from '../world/files.ts'
import { host, isAlive } from '../world/identity.ts'
import { readJournal } from './journal.ts'

/** Runs that are looked at: ids sort by operation, so the newest are chosen by the time in the id. */
const MOST = 200

/** The newest runs of this clone, newest first. A folder without a readable journal is passed over. */
export async function listRuns(root: string): Promise<RunSummary[]> {
  const names = await readdir(statePaths(root).runs).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  })
  const newest = names
    .filter(isRunId)
    .toSorted((a, b) => timeOf(b).localeCompare(timeOf(a)))
    .slice(0, MOST)
  const summaries = await Promise.all(newest.map((run) => summarise(root, run)))
  return summaries.filter((summary) => summary !== null)
}

function timeOf(run: string): string {
  return /\d{8}_\d{6}Z/.exec(run)?.[0] ?? ''
}

/** One run's summary; null when it never began. */
export async function summarise(root: string, run: string): Promise<RunSummary | null> {
  const state = runState(await readJournal(root, run))
  return state === null ? null : summaryOf(run, state)
}

/** What a journal's state means now: running only while the process that has it in hand is alive. */
export function summaryOf(run: string, state: RunState): RunSummary {
  const { plan, end } = state
  const alive = state.host === host() && isAlive(state.owner)
  const last = allSteps(plan).find((step) => step.id === state.lastStep)
  return {
    id: run,
    op: plan.op,
    title: plan.title,
    subject: plan.audit.subject,
    by: state.by,
    startedAt: state.startedAt,
    endedAt: end?.at ?? null,
    state: end ? 'ended' : alive ? 'running' : 'interrupted',
    exit: end?.exit ?? null,
    outcome: end?.outcome ?? null,
    lastStep: state.lastStep,
    lastStepTitle: last?.title ?? null,
    pid: state.owner.pid,
    certified: state.certified,
    swaps: swapsData(plan),
    owed: end?.owed ?? [],
  }
}

/** The first line only: enough to know the plan, cheap for a watcher. */
export async function readBegin(root: string, run: string): Promise<Extract<JournalEntry, { k: 'begin' }> | null> {
  const handle = await open(statePaths(root).journal(run), 'r').catch(() => null)
  if (handle === null) return null
  try {
    for await (const line of handle.readLines()) {
      const entry = JSON.parse(line) as JournalEntry
      return entry.k === 'begin' ? entry : null
    }
    return null
  } catch {
    return null
  } finally {
    await handle.close().catch(() => undefined)
  }
}
