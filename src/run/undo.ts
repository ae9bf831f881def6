import { messageOf, NotProven } from '../core/failure.ts'
import type { Step } from '../core/plan.ts'
import { act, call } from './act.ts'
import { byHandLines } from './by-hand.ts'
import { ioOf, type RunSession, scopeOf } from './session.ts'

/** What could not be put back: the failure, and the remaining work with standard tools. */
export type Unfinished = { error: string; byHand: string[] }

/** Puts started steps back, last started first, one at a time. Stops at the first failure and says what remains. */
export async function undoStarted(session: RunSession): Promise<Unfinished | null> {
  await session.journal.forgive()
  const seen = new Set<string>()
  const order = session.started.toReversed().filter(({ step }) => {
    if (step.undo === undefined || seen.has(step.id)) return false
    seen.add(step.id)
    return true
  })
  for (const [at, { step, was }] of order.entries()) {
    try {
      await undoStep(session, step, was)
    } catch (error) {
      // What production serves says more than where a name stands.
      if (!(error instanceof NotProven) && (await isAsBefore(session, step, was))) continue
      const rest = order
        .slice(at)
        .flatMap(({ step: left, was: found }) => byHandLines(left.undo ?? [], scopeOf(session, found, true)))
      session.events.emit({ t: 'state', step: step.id, state: 'failed', error: messageOf(error) })
      return { error: `${step.title} could not be put back: ${messageOf(error)}`, byHand: rest }
    }
  }
  return staysChanged(session)
}

/** A release's migration that has run: the rest is as before, and what it changed only a restore takes back. */
function staysChanged(session: RunSession): Unfinished | null {
  const { plan, started } = session
  const gone = started.find(
    ({ step }) => plan.certifiedBy !== null && step.effect === 'destroys' && step.onFail === 'halt' && !step.undo,
  )
  if (gone === undefined) return null
  const { title, detail = '' } = gone.step
  return { error: `everything else was put back; what ${title} (${detail}) changed only a restore undoes`, byHand: [] }
}

/** Whether nothing of a step is there: what broke before it changed anything needs no putting back. */
async function isAsBefore(
  session: RunSession,
  step: Step,
  was: RunSession['started'][number]['was'],
): Promise<boolean> {
  if (step.probe === undefined) return false
  const scope = { ...scopeOf(session, was, true), gives: { ...session.gives, [step.id]: session.gives[step.id] ?? {} } }
  const io = ioOf(session, step, new AbortController().signal)
  const seen = await call(step.probe, scope, io, session.calls).catch(() => null)
  if (seen?.['state'] !== 'absent') return false
  await session.journal.append({ k: 'outcome', step: step.id, result: 'undone', gives: {} })
  session.events.emit({ t: 'state', step: step.id, state: 'undone' })
  return true
}

/** Puts one step back and journals it. */
export async function undoStep(
  session: RunSession,
  step: Step,
  was: RunSession['started'][number]['was'],
): Promise<void> {
  const attempt = session.attempts.get(step.id) ?? 1
  await session.journal.append({ k: 'undo', step: step.id, attempt, was })
  session.events.emit({ t: 'state', step: step.id, state: 'undoing' })
  const io = ioOf(session, step, new AbortController().signal)
  for (const action of step.undo ?? []) await act(action, scopeOf(session, was, true), io, session.calls)
  await session.journal.append({ k: 'outcome', step: step.id, result: 'undone', gives: {} })
  session.events.emit({ t: 'state', step: step.id, state: 'undone' })
}
