import { EXIT, type ExitCode, messageOf, NotBegun, NotProven, wholeOrNot } from '../core/failure.ts'
import type { RunOutcome } from '../core/journal-entry.ts'
import type { JsonRecord } from '../core/json.ts'
import { statePaths } from '../core/paths.ts'
import type { CallRegistry, Plan, Step } from '../core/plan.ts'
import type { RunEvent } from '../core/run-event.ts'
import { now } from '../world/clock.ts'
import { host, ownMark } from '../world/identity.ts'
import { endProcessesOf, RUN_VARIABLE } from '../world/orphans.ts'
import { remainingLines } from './by-hand.ts'
import { openEvents } from './events.ts'
import { isUnwritten, openJournal } from './journal.ts'
import { takeLocalLock } from './local-lock.ts'
import { seizeLocalLock } from './seize-lock.ts'
import { resolveJson } from './resolve.ts'
import { type RunSession, scopeOf } from './session.ts'
import { heldExit, StepBroke, StopRequested } from './step.ts'
import { listenForStop } from './stopper.ts'
import { runTree, type TreeFace } from './tree.ts'
import { undoStarted, type Unfinished } from './undo.ts'
import { announce, announceEnd, refuseBrokenChain } from './witness.ts'

export type RunRequest = {
  root: string
  plan: Plan
  answers: Record<string, string>
  calls: CallRegistry
  by: string
  sink?: (event: RunEvent) => void
  /** Stop at a safe point on SIGINT, SIGTERM and SIGHUP. */
  signals?: boolean
  /** How long to wait for a held local lock, ms. */
  waitMs?: number
  face?: TreeFace
}

export type Ending = {
  exit: ExitCode
  outcome: RunOutcome
  failedStep: string | null
  error: string | null
  byHand: string[]
  /** Of a live verification that failed: whether production answered, and answered wrongly. */
  answered?: boolean
}

export type RunResult = Ending & { run: string; owed: string[]; gives: Record<string, JsonRecord> }

/** What is needed most on the day on which the log is broken. */
const GOES_BACK = new Set<Plan['op']>(['rollback', 'restore'])

/**
 * Executes a reviewed plan: local lock, audit line, journalled steps, undo where that is promised, and in every case
 * the plan's last steps. Throws before anything happened: a UserError (lock held: 6, no audit line: 3), or NotBegun.
 */
export async function executePlan(request: RunRequest): Promise<RunResult> {
  const { root, plan } = request
  let begun = false
  const run = () =>
    withRun(
      request,
      async (session) => {
        if (plan.audit.required && !GOES_BACK.has(plan.op)) await refuseBrokenChain(root, plan.op)
        await announce(request, 'started')
        const mark = { by: request.by, host: host(), ...ownMark() }
        await session.journal.append({ k: 'begin', plan, answers: request.answers, ...mark })
        begun = true
        const ending = await attempt(session, async () =>
          runTree(session, plan.steps, request.face ?? { renderer: 'silent' }, new Set()),
        )
        return await close(session, request, ending)
      },
      root,
    )
  return await wholeOrNot(run).catch((error: unknown) => {
    throw begun && error instanceof NotBegun ? error.cause : error
  })
}

/** Opens the run (lock, journal, events, signals), does the work, and lets everything go again. */
export async function withRun(
  request: RunRequest,
  work: (session: RunSession) => Promise<RunResult>,
  root: string,
): Promise<RunResult> {
  const { plan } = request
  const run = plan.names['run'] ?? ''
  const at = now().toISOString()
  const holder = {
    op: plan.op,
    run,
    operator: request.by,
    host: host(),
    ...ownMark(),
    reason: request.answers['reason'] ?? plan.title,
    at,
    heartbeat: at,
    oid: null,
  }
  // Nobody waits for break glass: whoever is at work is asked to stop, and ended when they do not.
  const take = plan.op === 'emergency' ? seizeLocalLock : takeLocalLock
  const lock = plan.locks ? await take(root, holder, request.waitMs) : null
  // Closed last first: a signal is heard until nothing is left that it could leave behind.
  const open: (() => void | Promise<void>)[] = [async () => lock?.release()]
  try {
    const show: RunSession['show'] = new Map()
    const events = openEvents(root, run, (event) => {
      request.sink?.(event)
      show.get(event.step)?.(event)
    })
    open.unshift(events.close)
    const say = (text: string) => events.emit({ t: 'line', step: '', from: 'us', text })
    const stopper = listenForStop(root, run, request.signals === true, say)
    open.unshift(stopper.close)
    const journal = await openJournal(root, run)
    open.push(journal.close)
    // What a call starts inherits the mark by which processes left behind are found.
    process.env[RUN_VARIABLE] = run
    if (lock?.tookOver) say(`Took over ${lock.tookOver}.`)
    return await work({
      root,
      run,
      plan,
      calls: request.calls,
      journal,
      events,
      stopper,
      gives: {},
      started: [],
      attempts: new Map(),
      certified: false,
      owed: [],
      oweExit: 0,
      show,
      facts: {
        id: run,
        startedAt: at,
        dir: statePaths(root).run(run),
        by: request.by,
        outcome: null,
        exit: null,
        failedStep: null,
        error: null,
        ...answersOf(request),
      },
    })
  } finally {
    for (const close of open.toReversed()) await close()
    delete process.env[RUN_VARIABLE]
  }
}

function answersOf(request: RunRequest): Record<string, string | null> {
  return { reason: request.answers['reason'] ?? null }
}

/** Runs the steps and, when they break, does what their failure promises. */
export async function attempt(session: RunSession, work: () => Promise<void>): Promise<Ending> {
  try {
    await work()
    return { exit: EXIT.done, outcome: 'done', failedStep: null, error: null, byHand: [] }
  } catch (error) {
    const failedStep = error instanceof StepBroke ? error.step.title : null
    // Whoever left its process group and is still at work must not write while we put back.
    await endProcessesOf(session.run)
    if (error instanceof StepBroke && halts(error)) {
      return {
        exit: (error.step.haltExit ?? EXIT.notPutBack) as ExitCode,
        outcome: 'halted',
        failedStep,
        error: error.message,
        byHand: remainingLines(session.plan, error.step, scopeOf(session, null, true)),
        ...(error.cause instanceof NotProven ? { answered: error.cause.answered } : {}),
      }
    }
    return afterUndo(session, error, failedStep, await undoStarted(session))
  }
}

/** Where only the journal found no room on the disk, what can be put back is: nobody would know how far it came. */
function halts({ step, cause }: StepBroke): boolean {
  return step.onFail === 'halt' && !(isUnwritten(cause) && step.undo !== undefined)
}

function afterUndo(
  session: RunSession,
  error: unknown,
  failedStep: string | null,
  unfinished: Unfinished | null,
): Ending {
  const said = messageOf(error)
  if (unfinished)
    return {
      exit: EXIT.notPutBack,
      outcome: 'stuck',
      failedStep,
      error: `${said}. ${unfinished.error}`,
      byHand: unfinished.byHand,
    }
  const asked = session.stopper.requested
  if (error instanceof StopRequested && asked)
    return { exit: asked.exit, outcome: 'stopped', failedStep, error: said, byHand: [] }
  const exit = heldExit(error)
  return { exit: exit ?? EXIT.putBack, outcome: exit === null ? 'undone' : 'held', failedStep, error: said, byHand: [] }
}

/** The plan's last steps, the journal's end, the audit line, the end event. */
export async function close(session: RunSession, request: RunRequest, ending: Ending): Promise<RunResult> {
  const { outcome, failedStep, error, byHand } = ending
  const exit = ending.exit === EXIT.done ? (session.oweExit as ExitCode) : ending.exit
  Object.assign(session.facts, { outcome, exit, failedStep, error })
  await lastSteps(session)
  const result: RunResult = { run: session.run, ...ending, exit, owed: session.owed, gives: session.gives }
  await session.journal.append({ k: 'end', exit, outcome, owed: session.owed }).catch(() => undefined)
  const unsaid = await announceEnd(withOutputs(session, request), outcome, {
    exit,
    ...(error === null ? {} : { error }),
    ...(session.owed.length === 0 ? {} : { owed: [...session.owed] }),
  })
  session.owed.push(...unsaid)
  session.events.emit({
    t: 'end',
    step: '',
    exit,
    outcome,
    owed: session.owed,
    byHand,
    ...(error === null ? {} : { error: failedStep === null ? error : `${failedStep}: ${error}` }),
  })
  return result
}

/** What a plan's own audit detail refers to, as far as the steps have given it. */
function withOutputs(session: RunSession, request: RunRequest): RunRequest {
  const { audit } = request.plan
  if (audit.detail === undefined) return request
  const detail = resolveJson(audit.detail, scopeOf(session, null, true)) as JsonRecord
  return { ...request, plan: { ...request.plan, audit: { ...audit, detail } } }
}

/** Cleanup and bookkeeping that every end has; what fails here is owed, never a reason to stop. */
async function lastSteps(session: RunSession): Promise<void> {
  session.ending = true
  await session.journal.forgive()
  const begun = ({ onlyAfter }: Step) => onlyAfter === undefined || (session.attempts.get(onlyAfter) ?? 0) > 0
  const owing = session.plan.always
    .filter(begun)
    .map((step) => ({ ...step, onFail: 'owe' as const, stop: 'never' as const }))
  await runTree(session, owing, { renderer: 'silent' }, new Set())
}
