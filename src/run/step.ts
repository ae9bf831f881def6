import { messageOf, UserError } from '../core/failure.ts'
import type { JsonRecord } from '../core/json.ts'
import type { Step } from '../core/plan.ts'
import { statePaths } from '../core/paths.ts'
import { takesBytes } from '../world/permissions.ts'
import { act, call } from './act.ts'
import { isUnwritten, type Journal } from './journal.ts'
import { ioOf, type RunSession, scopeOf } from './session.ts'

/** The run was asked to stop and this is a safe point. */
export class StopRequested extends Error {
  constructor() {
    super('stopped as asked')
    this.name = 'StopRequested'
  }
}

/** A step failed for good; carries the step, so that the runner knows what its failure means. */
export class StepBroke extends Error {
  readonly step: Step
  override readonly cause: unknown
  constructor(step: Step, cause: unknown) {
    super(messageOf(cause))
    this.name = 'StepBroke'
    this.step = step
    this.cause = cause
  }
}

/**
 * Journals intent, acts, journals the outcome; nested steps come between. Gives why the step is owed, null when it is not. Throws
 * StepBroke or StopRequested.
 */
export async function runStep(session: RunSession, step: Step, nested: () => Promise<void>): Promise<string | null> {
  refuseIfStopped(session, step)
  const began = performance.now()
  const tell = (state: 'running' | 'done' | 'failed' | 'owed', error?: string) =>
    session.events.emit({
      t: 'state',
      step: step.id,
      state,
      ms: Math.round(performance.now() - began),
      ...(error === undefined ? {} : { error }),
    })
  const signal =
    step.stop === 'anytime' ? AbortSignal.any([session.stopper.soft, session.stopper.hard]) : session.stopper.hard
  const io = ioOf(session, step, step.stop === 'never' ? new AbortController().signal : signal)
  try {
    if (step.fence) await call(fenceCall(session), scopeOf(session), io, session.calls)
    // A second attempt restores what stood before the first: a new look would see half of our own work.
    const earlier = session.started.find((started) => started.step.id === step.id)
    const was = earlier
      ? earlier.was
      : step.capture
        ? await call(step.capture, scopeOf(session), io, session.calls)
        : null
    const attempt = (session.attempts.get(step.id) ?? 0) + 1
    session.attempts.set(step.id, attempt)
    await noted(session, step, { k: 'intent', step: step.id, attempt, was })
    if (!earlier) session.started.push({ step, was })
    tell('running')
    const gives: Record<string, JsonRecord[string]> = {}
    const kept = session.journal.kept()
    const work = async () => {
      for (const action of step.actions)
        Object.assign(gives, await act(action, scopeOf(session, was), io, session.calls))
    }
    await work().catch(async (error: unknown) => {
      if (io.signal.aborted || !(await roomMade(session, step, kept, error))) throw error
      await work()
    })
    session.gives[step.id] = gives
    await nested()
    await noted(session, step, { k: 'outcome', step: step.id, result: 'done', gives })
    if (step.id === session.plan.certifiedBy) session.certified = true
    tell('done')
    return null
  } catch (error) {
    if (error instanceof StepBroke || error instanceof StopRequested) {
      await settle(session, step, 'failed', error.message)
      tell('failed', error.message)
      throw error
    }
    const stopped = session.stopper.requested !== null && io.signal.aborted
    const owes = !stopped && (step.onFail === 'owe' || session.certified)
    await settle(session, step, owes ? 'owed' : 'failed', messageOf(error))
    tell(owes ? 'owed' : 'failed', messageOf(error))
    if (owes) {
      session.owed.push(`${step.title}: ${messageOf(error)}`)
      session.oweExit = Math.max(session.oweExit, step.oweExit ?? 0)
      return messageOf(error)
    }
    throw stopped ? new StopRequested() : new StepBroke(step, error)
  }
}

/** A line about a step. What only reads is no worse for one that finds no room: it is then read again by a resume. */
async function noted(session: RunSession, step: Step, line: Parameters<Journal['append']>[0]): Promise<void> {
  await session.journal.append(line).catch((error: unknown) => {
    if (step.effect !== 'read' || (step.steps ?? []).length > 0 || !isUnwritten(error)) throw error
  })
}

/**
 * Whether there is room now for a step that met a full disk and leaves everything half way when it fails: services that are
 * stopped must come up on one that has filled meanwhile. `kept`: the journal had its room when the step began.
 */
async function roomMade(session: RunSession, step: Step, kept: boolean, error: unknown): Promise<boolean> {
  if (step.onFail !== 'halt' || step.undo === undefined) return false
  // A line of the journal may have needed that room a moment before.
  const { journal } = session
  if (!kept || (journal.kept() && (await takesBytes(statePaths(session.root).run(session.run))))) return false
  await journal.spare()
  const text = `${messageOf(error)}; once more, with the room that was kept for the journal`
  session.events.emit({ t: 'line', step: step.id, from: 'us', text })
  return true
}

function refuseIfStopped(session: RunSession, step: Step): void {
  if (session.stopper.requested !== null && step.stop !== 'never' && !session.certified) throw new StopRequested()
}

function fenceCall(session: RunSession) {
  return {
    do: 'call' as const,
    name: 'lock.fence',
    input: session.plan.names,
    says: 'check that the shared lock is still ours',
    byHand: [],
  }
}

async function settle(session: RunSession, step: Step, result: 'failed' | 'owed', error: string): Promise<void> {
  try {
    await session.journal.append({ k: 'outcome', step: step.id, result, gives: {}, error })
  } catch {
    // The journal's disk is full: the next start finds an intent without outcome and looks for itself.
  }
}

/** Whether a failure says "not now" (exit 3 or 6) rather than "it broke". */
export function heldExit(error: unknown): 3 | 6 | null {
  const cause = error instanceof StepBroke ? error.cause : error
  return cause instanceof UserError && (cause.exit === 3 || cause.exit === 6) ? cause.exit : null
}
