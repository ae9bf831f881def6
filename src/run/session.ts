import type { Json, JsonRecord } from '../core/json.ts'
import type { CallRegistry, Io, Plan, Step } from '../core/plan.ts'
import { statePaths } from '../core/paths.ts'
import type { RunEvent } from '../core/run-event.ts'
import { processStarted } from '../world/identity.ts'
import { secretValue } from '../world/secrets.ts'
import type { Events } from './events.ts'
import type { Journal } from './journal.ts'
import type { Scope } from './resolve.ts'
import type { Stopper } from './stopper.ts'

/** One run in one process: what every step works with. */
export type RunSession = {
  root: string
  run: string
  plan: Plan
  calls: CallRegistry
  journal: Journal
  events: Events
  stopper: Stopper
  gives: Record<string, JsonRecord>
  /** Started steps, in order, with what they found before acting. */
  started: { step: Step; was: Json }[]
  attempts: Map<string, number>
  certified: boolean
  owed: string[]
  /** What the run ends with when it is done, where an owed step says so. */
  oweExit: number
  /** Who draws what is told of a step: the tree that runs it. */
  show: Map<string, (event: RunEvent) => void>
  /** The steps that come last whatever happened are under way: what no step gave is null to them. */
  ending?: true
  /** The run as Refs see it ("run.outcome"). */
  facts: { [name: string]: string | number | null }
}

/** What the Refs of a step are resolved from; `lenient` gives null for what no step gave. */
export function scopeOf(session: RunSession, was: Json = null, lenient = false): Scope {
  const failed = (id: string) => session.started.find(({ step }) => step.id === id)?.step.title ?? null
  return { gives: session.gives, run: session.facts, was, lenient: lenient || session.ending === true, failed }
}

/** The Io of one step. */
export function ioOf(session: RunSession, step: Step, signal: AbortSignal): Io {
  const { root, run, events, journal } = session
  return {
    root,
    run,
    dir: statePaths(root).run(run),
    signal,
    bytes: (done, total) => {
      const last = step.expect?.bytes ?? null
      events.emit({
        t: 'bytes',
        step: step.id,
        done,
        total: total ?? last,
        basis: total === null && last !== null ? 'last run' : 'counted',
      })
    },
    line: (text) => {
      events.emit({ t: 'line', step: step.id, from: 'out', text })
    },
    child: (pid) => {
      const started = processStarted(pid)
      // Only for finding orphans after a crash; a child that cannot be written down still runs.
      if (started !== null) void journal.append({ k: 'child', step: step.id, pid, started }).catch(() => undefined)
    },
    secret: secretValue,
  }
}
