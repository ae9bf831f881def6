import { calls } from '../calls/registry.ts'
import { EXIT, NotBegun } from '../core/failure.ts'
import type { JsonRecord } from '../core/json.ts'
import type { Plan } from '../core/plan.ts'
import { clean } from '../core/text.ts'
import { outline, planLines } from '../report/plan.ts'
import { executePlan, type RunResult } from '../run/execute.ts'
import { answersFor } from './answers.ts'
import type { Options, Report } from './command.ts'
import type { Context } from './context.ts'
import { refuseHeld } from './held.ts'
import { maskedResult, tellRun } from './tell-outside.ts'

/** Turns a run's result into the seed API's fields for one verb. */
export type Tell = (result: RunResult) => { data: JsonRecord; lines: readonly string[] }

/** Dry run, holds, questions, execution in this process with a headless face: the way of every verb that acts. */
export async function operate(context: Context, plan: Plan, options: Options, tell: Tell): Promise<Report> {
  if (context.dryRun) {
    return {
      exit: EXIT.done,
      data: { dryRun: true, plan: plan },
      lines: [...planLines(plan), '', 'Nothing has changed.'],
    }
  }
  refuseHeld(plan)
  if (context.interactive && plan.asks.length > 0 && options['yes'] !== true)
    for (const line of [...outline(plan), '', '--dry-run prints every command of it.', '']) context.say(line)
  else for (const warning of plan.warnings) context.say(`! ${clean(warning)}`)
  const answers = await answersFor(context, plan, options)
  const { headlessFace } = await import('../report/listr.ts')
  const { root } = await context.project()
  const result = await executePlan({
    root,
    plan,
    answers,
    calls,
    signals: true,
    waitMs: context.waitMs,
    by: context.operator,
    face: headlessFace(),
  }).catch(async (error: unknown) => {
    if (!(error instanceof NotBegun)) throw error
    for (const warning of await tellRun(await context.project(), plan, neverBegun(plan, error), context.operator))
      context.say(`! ${warning}`)
    throw error
  })
  return await settled(context, plan, result, tell)
}

/** Whoever hears of failures hears of this one, too: a night without a backup looks the same whatever stopped it. */
function neverBegun({ names }: Plan, { message: error }: NotBegun): RunResult {
  const nothing = { failedStep: null, byHand: [], owed: [], gives: {} }
  return { run: names['run'] ?? '', exit: EXIT.putBack, outcome: 'undone', error, ...nothing }
}

/** The report of a run, after what the project wants done unasked when its live verification failed. */
export async function settled(context: Context, plan: Plan, result: RunResult, tell: Tell): Promise<Report> {
  const finished = finish(plan, maskedResult(result), tell)
  const warnings = await tellRun(await context.project(), plan, result, context.operator)
  for (const warning of warnings) context.say(`! ${warning}`)
  const report = warnings.length === 0 ? finished : { ...finished, data: { ...finished.data, warnings } }
  if (result.exit !== EXIT.liveWrong) return report
  const [{ rollBackUnasked }, { headlessFace }] = await Promise.all([
    import('./roll-back-unasked.ts'),
    import('../report/listr.ts'),
  ])
  const back = await rollBackUnasked(await context.project(), {
    plan,
    result,
    by: context.operator,
    face: headlessFace(),
  })
  if (back === null) return report
  const { exit, to, says } = back
  const rollback = {
    run: back.result?.run ?? null,
    outcome: back.result?.outcome ?? null,
    restoredTo: exit === EXIT.putBack ? to : null,
    says,
  }
  const owed = back.result?.owed.map((what) => `! still owed: ${what}`) ?? []
  const lines = exit === EXIT.putBack ? [report.lines[0] ?? '', says, ...owed] : [...report.lines, says, ...owed]
  return { exit, data: { ...report.data, rollback }, lines }
}

/** The report of a finished run; a failure says where it stopped, what was put back and what is left to do by hand. */
function finish(plan: Plan, result: RunResult, tell: Tell): Report {
  // One that is done and owes so much that it says so by its exit code is done all the same.
  const told = result.exit === EXIT.done || result.outcome === 'done' ? tell(result) : failure(plan, result)
  const owed = result.owed.map((what) => `! still owed: ${what}`)
  const data = {
    success: result.exit === EXIT.done,
    run: result.run,
    outcome: result.outcome,
    owed: result.owed,
    ...told.data,
  }
  return { exit: result.exit, data, lines: [...told.lines, ...owed] }
}

function failure(plan: Plan, result: RunResult): { data: JsonRecord; lines: string[] } {
  const { failedStep, error, byHand } = result
  const where = failedStep === null ? '' : ` at ${failedStep}`
  const asked = result.outcome === 'stopped'
  const lines = [
    asked ? `${plan.title} was stopped, as asked` : `${plan.title} stopped${where}: ${error ?? result.outcome}`,
    ...(result.exit === EXIT.putBack || (asked && PUT_BACK.has(plan.op)) ? [asBefore(plan)] : []),
    ...(result.exit === EXIT.liveWrong || failedStart(plan, result) ? [staysLive(plan)] : []),
    ...(uncertified(plan, result) ? [UNCERTIFIED] : []),
    ...(byHand.length > 0 ? ['What remains, by hand:', ...byHand.map((line) => `  $ ${line}`)] : []),
  ]
  return { data: { failedStep, error, byHand }, lines }
}

/** What undoes every step of its own when it is asked to stop; a removal or a copy that was made stays. */
const PUT_BACK = new Set<Plan['op']>(['backup', 'deploy', 'restore', 'rollback', 'emergency'])

const UNCERTIFIED =
  'The release is live, and not certified: knowngood deploy certifies it, knowngood rollback takes it back.'

/** Production serves it, and its lock or its tag was refused. */
function uncertified(plan: Plan, { outcome, failedStep }: RunResult): boolean {
  const certify = plan.steps.find(({ id }) => id === plan.certifiedBy)
  return plan.op === 'deploy' && outcome === 'halted' && certify !== undefined && failedStep === certify.title
}

/** What only looked had nothing to put back. */
function asBefore(plan: Plan): string {
  return plan.op === 'verify' ? 'Nothing has changed but its proofs.' : 'Everything was put back as it was.'
}

/** The data was swapped in, and only then something went wrong. */
function failedStart(plan: Plan, { outcome, failedStep }: RunResult): boolean {
  const start = plan.steps.find(({ id }) => id === 'start')
  return GIVES_DATA.has(plan.op) && outcome === 'halted' && failedStep !== null && failedStep === start?.title
}

const GIVES_DATA = new Set<Plan['op']>(['restore', 'emergency'])

/** Reading production releases nothing, so a wrong answer alone makes no release a bad one. */
function staysLive(plan: Plan): string {
  const ways = 'knowngood rollback lists what you can go back to.'
  if (GIVES_DATA.has(plan.op) && plan.names['sources'] !== '')
    return `What was restored stays live. Swap back: knowngood restore --undo ${plan.names['run'] ?? ''}`
  return plan.op === 'verify-live' ? `Nothing has changed. ${ways}` : `The bad release stays live. ${ways}`
}
