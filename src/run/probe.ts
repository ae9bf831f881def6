import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../core/failure.ts'
import type { JsonRecord } from '../core/json.ts'
import type { CallRegistry, Io, Seen, Step } from '../core/plan.ts'
import type { StepRecord } from '../core/run-state.ts'
import { call } from './act.ts'
import type { Scope } from './resolve.ts'

/** Outputs and the run, as far as the journal knows them. */
type Looking = Pick<Scope, 'gives' | 'run'>

const SETTLING_MS = 120_000

/** What really stands where a step works. A probe that cannot look says `unknown`. */
export async function probeStep(
  step: Step,
  record: StepRecord,
  scope: Looking,
  io: Io,
  calls: CallRegistry,
  waitMs = SETTLING_MS,
): Promise<Seen> {
  if (step.probe === undefined) return { state: 'absent', saw: null }
  const until = performance.now() + waitMs
  for (;;) {
    const seen = await look(step, record, scope, io, calls)
    if (seen.state !== 'settling' || performance.now() > until || io.signal.aborted) return seen
    await sleep(500)
  }
}

async function look(step: Step, record: StepRecord, scope: Looking, io: Io, calls: CallRegistry): Promise<Seen> {
  if (step.probe === undefined) return { state: 'absent', saw: null }
  try {
    // A probe may ask for what the step had given, or for what it found before acting.
    const gives: Record<string, JsonRecord> = { ...scope.gives, [step.id]: record.gives }
    return (await call(step.probe, { ...scope, gives, was: record.was, lenient: true }, io, calls)) as unknown as Seen
  } catch (error) {
    return { state: 'unknown', saw: messageOf(error) }
  }
}
