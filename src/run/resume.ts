import { EXIT, held, UserError } from '../core/failure.ts'
import { allSteps, type Step } from '../core/plan.ts'
import { host, ownMark } from '../world/identity.ts'
import { endProcessesOf } from '../world/orphans.ts'
import { attempt, close, type RunRequest, type RunResult, withRun } from './execute.ts'
import { announce } from './witness.ts'
import { type Findings, findOut, forwardOnly, isUnsettled, readRun, runFacts } from './inspect.ts'
import type { RunSession } from './session.ts'
import { runStep, StepBroke } from './step.ts'
import { clearStop } from './stop.ts'
import { summaryOf } from './summary.ts'
import { runTree } from './tree.ts'
import { undoStarted, undoStep } from './undo.ts'

/** As a run is asked for, but for what its journal knows. */
export type SettleRequest = Omit<RunRequest, 'plan' | 'answers'> & { run: string }

/** Goes on with an interrupted run by its journalled plan: steps that stand are taken as done, half ones are undone and done again. */
export async function resumeRun(request: SettleRequest): Promise<RunResult> {
  return await settle(request, 'resume', async (session, run, findings) => {
    const { state } = findings
    if (state.undoing) return await putBack(session, run, findings)
    const skip = new Set<string>()
    // Before anything is done: what holds here leaves the run as it is, and puts nothing back.
    for (const step of allSteps({ ...state.plan, always: [] })) await judge(session, findings, step, skip)
    const ending = await attempt(session, async () =>
      runTree(session, state.plan.steps, request.face ?? { renderer: 'silent' }, skip),
    )
    return await close(session, run, ending)
  })
}

/** Puts an interrupted run back, last started step first. Refused once it is certified. */
export async function undoRun(request: SettleRequest): Promise<RunResult> {
  return await settle(request, 'undo', async (session, run, findings) => {
    const { state, seen } = findings
    if (state.certified || seen.get(state.plan.certifiedBy ?? '')?.state === 'done') {
      throw held(`${session.run} cannot be undone`, forwardOnly(state.plan), [
        `knowngood resume ${session.run} --yes`,
        ...(state.plan.op === 'publish' ? [] : ['Then roll back.']),
      ])
    }
    const strange = [...seen].find(([, found]) => found.state === 'foreign' || found.state === 'unknown')
    const why = strange?.[1].state === 'foreign' ? 'was changed by somebody else' : 'cannot be looked at'
    if (strange)
      throw held(`${session.run} cannot be undone`, `${strange[0]} ${why}: ${JSON.stringify(strange[1].saw)}`, [
        `Look at it; to leave it as it is: knowngood abandon ${session.run} --yes`,
      ])
    return await putBack(session, run, findings)
  })
}

async function putBack(session: RunSession, run: RunRequest, findings: Findings): Promise<RunResult> {
  await lockAgain(session, findings)
  // Not before it begins: one that was refused must not turn a later resume around.
  await session.journal.append({ k: 'verdict', what: 'undo', by: run.by })
  const unfinished = await undoStarted(session)
  const ending = unfinished
    ? {
        exit: EXIT.notPutBack,
        outcome: 'stuck' as const,
        failedStep: null,
        error: unfinished.error,
        byHand: unfinished.byHand,
      }
    : { exit: EXIT.done, outcome: 'undone' as const, failedStep: null, error: null, byHand: [] }
  return await close(session, run, ending)
}

/** Somebody took the shared lock away and has given it back: what is outward is only put back under it. */
async function lockAgain(session: RunSession, { state, seen }: Findings): Promise<void> {
  const takes = ({ actions }: Step) => actions.some((one) => one.do === 'call' && one.name === 'lock.acquire')
  const step = state.plan.steps.find(takes)
  if (step === undefined || session.started.length === 0 || seen.get(step.id)?.state !== 'absent') return
  session.started.unshift({ step, was: state.steps.get(step.id)?.was ?? null })
  try {
    await runStep(session, step, async () => {})
  } catch (error) {
    throw error instanceof StepBroke ? error.cause : error
  }
}

/** Leaves everything as it is, lets go of locks and temporaries, and never offers the run again. */
export async function abandonRun(request: SettleRequest): Promise<RunResult> {
  return await settle(request, 'abandon', async (session, run) =>
    close(session, run, { exit: EXIT.done, outcome: 'abandoned', failedStep: null, error: null, byHand: [] }),
  )
}

type Work = (session: RunSession, run: RunRequest, findings: Findings) => Promise<RunResult>

async function settle(request: SettleRequest, what: 'resume' | 'undo' | 'abandon', work: Work): Promise<RunResult> {
  const { root, run, calls, by } = request
  const before = await readRun(root, run)
  const { state } = summaryOf(run, before)
  if (state === 'running')
    throw held(`${run} is still running`, `process ${before.owner.pid} has it in hand`, [`knowngood attach ${run}`])
  if (state === 'ended' && !isUnsettled(before))
    throw new UserError(`${run} has ended`, `it ended ${before.end?.outcome ?? ''}`, [
      'knowngood resume lists interrupted runs.',
    ])
  const { sink, signals, waitMs, face } = request
  const again: RunRequest = {
    root,
    plan: before.plan,
    answers: before.answers,
    calls,
    by,
    ...(sink ? { sink } : {}),
    ...(signals ? { signals } : {}),
    ...(waitMs ? { waitMs } : {}),
    ...(face ? { face } : {}),
  }
  await clearStop(root, run)
  return await withRun(
    again,
    async (session) => {
      const orphans = await endProcessesOf(run)
      if (orphans > 0)
        session.events.emit({
          t: 'line',
          step: '',
          from: 'us',
          text: `Ended ${orphans} processes the run had left behind.`,
        })
      const findings = await findOut(root, run, calls, what === 'abandon' ? 0 : undefined)
      if (findings.blocked !== null && what !== 'abandon')
        throw held(`${run} can only be abandoned`, findings.blocked, [`knowngood abandon ${run} --yes`])
      await announce(again, what, { run })
      await session.journal.append({ k: 'taken', by, host: host(), ...ownMark() })
      if (what !== 'undo') await session.journal.append({ k: 'verdict', what, by })
      takeUp(session, findings, run, root)
      return await work(session, again, findings)
    },
    root,
  )
}

function takeUp(session: RunSession, { state, seen }: Findings, run: string, root: string): void {
  const byId = new Map(allSteps(state.plan).map((step) => [step.id, step]))
  Object.assign(session.facts, runFacts(state, run, root))
  session.certified = state.certified || seen.get(state.plan.certifiedBy ?? '')?.state === 'done'
  for (const [id, record] of state.steps) {
    session.gives[id] = { ...record.gives, ...seen.get(id)?.gives }
    session.attempts.set(id, record.attempt)
  }
  for (const record of state.begun) {
    const { id } = record
    const step = byId.get(id)
    // What is not there needs no putting back.
    if (step && seen.get(id)?.state !== 'absent') session.started.push({ step, was: record.was })
  }
}

/** Decides about one step before a resume: skip what stands, undo what is half there, hold what is not ours. */
async function judge(session: RunSession, { state, seen }: Findings, step: Step, skip: Set<string>): Promise<void> {
  const record = state.steps.get(step.id)
  const found = seen.get(step.id)
  if (found) await session.journal.append({ k: 'saw', step: step.id, seen: found })
  if (record === undefined || record.state === 'none') return
  // Behind the point of no return nothing is made again: a checkout that was cleaned up is not missing.
  if (
    session.certified &&
    record.state === 'done' &&
    step.id !== session.plan.certifiedBy &&
    found?.state === 'absent' &&
    before(session, step)
  ) {
    skip.add(step.id)
    return
  }
  if (record.state === 'done' && found?.state === 'absent' && seen.get(step.spentBy ?? '')?.state === 'done') {
    skip.add(step.id)
    return
  }
  if (found === undefined) {
    // What cannot be looked at is done again (a build, live reads), unless the release is certified: then only what is owed.
    if (record.state === 'done' && session.certified) skip.add(step.id)
    return
  }
  if (found.state === 'foreign' || found.state === 'unknown' || found.state === 'settling') {
    throw held(
      `${session.run} cannot go on`,
      `${step.title}: ${typeof found.saw === 'string' ? found.saw : JSON.stringify(found.saw)}`,
      [
        `knowngood resume ${session.run} shows what is there`,
        `knowngood abandon ${session.run} --yes leaves it as it is`,
      ],
    )
  }
  if (found.state === 'done') {
    skip.add(step.id)
    session.events.emit({ t: 'state', step: step.id, state: 'already' })
    await session.journal.append({ k: 'outcome', step: step.id, result: 'already', gives: found.gives ?? record.gives })
    if (step.id === session.plan.certifiedBy) session.certified = true
    return
  }
  if (found.state === 'partial' && step.undo !== undefined) await undoStep(session, step, record.was)
}

function before(session: RunSession, step: Step): boolean {
  const ids = allSteps({ ...session.plan, always: [] }).map(({ id }) => id)
  return ids.indexOf(step.id) < ids.indexOf(session.plan.certifiedBy ?? '')
}
