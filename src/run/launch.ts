import { setTimeout as sleep } from 'node:timers/promises'
import { UserError } from '../core/failure.ts'
import { isRunId } from '../core/naming.ts'
import { movedState, statePaths } from '../core/paths.ts'
import type { CallRegistry, Plan } from '../core/plan.ts'
import { readJson, writeWhole } from '../world/files.ts'
import { startDetached } from '../world/detached.ts'
import { executePlan, type RunResult } from './execute.ts'
import { abandonRun, resumeRun, undoRun } from './resume.ts'
import { readBegin, summarise } from './summary.ts'

/** What the process that executes a run is told: a reviewed plan. */
export type Order = { plan: Plan; answers: Record<string, string>; by: string }

/** Or an interrupted run, and how it is to end. */
export type SettleOrder = { settle: 'resume' | 'undo' | 'abandon'; run: string; by: string }

const PATIENCE_MS = 10_000
/** Whoever holds the lock is given time to make way before break glass begins. */
const GLASS_PATIENCE_MS = 40_000

/**
 * Starts a reviewed plan in a process of its own, which outlives this one and its terminal. Resolves with the run's id
 * when its journal has begun; throws what the run's process said when it could not begin (a lock held, say).
 */
export async function launchRun(root: string, order: Order): Promise<string> {
  const run = order.plan.names['run'] ?? ''
  await writeWhole(statePaths(root).order(run), JSON.stringify(order))
  const begun = async () => (await readBegin(root, run)) !== null
  const patienceMs = order.plan.op === 'emergency' ? GLASS_PATIENCE_MS : PATIENCE_MS
  return await launch({ root, run, title: order.plan.title, patienceMs }, begun)
}

/** Starts the settling of an interrupted run in a process of its own; resolves once that process has it in hand. */
export async function launchSettle(root: string, order: SettleOrder): Promise<string> {
  const { run } = order
  const before = await summarise(root, run)
  if (before === null)
    throw new UserError(`There is no run ${run}`, 'its journal is not here', [
      'knowngood resume lists interrupted runs.',
    ])
  await writeWhole(statePaths(root).order(run), JSON.stringify(order))
  const begun = async () => {
    const now = await summarise(root, run)
    return now !== null && (now.state === 'running' || now.state === 'ended')
  }
  return await launch({ root, run, title: before.title, patienceMs: PATIENCE_MS }, begun)
}

type Launch = { root: string; run: string; title: string; patienceMs: number }

async function launch({ root, run, title, patienceMs }: Launch, begun: () => Promise<boolean>): Promise<string> {
  // Whose state was moved elsewhere is told where.
  const state = movedState(root)
  const output = `${statePaths(root).run(run)}/process.log`
  const child = await startDetached(['__run', run, ...(state === null ? [] : ['--state', state])], {
    cwd: root,
    output,
  })
  const until = performance.now() + patienceMs
  while (performance.now() < until) {
    if (await begun()) return run
    const said = child.ended()
    // It may have begun and ended between the two looks.
    if (said !== null && (await begun())) return run
    if (said !== null)
      throw new UserError(
        `${title} did not start`,
        said.trim().split('\n').at(-1) ?? '',
        ['knowngood status says what is going on.'],
        3,
      )
    await sleep(25)
  }
  throw new UserError(
    `${title} did not start`,
    `its process said nothing for ${patienceMs / 1000} s`,
    [`Look at ${output}.`],
    3,
  )
}

/** Executes what `launchRun` left for this process. */
export async function runOrder(root: string, run: string, calls: CallRegistry): Promise<RunResult> {
  const order = isRunId(run) ? await readJson(statePaths(root).order(run)) : null
  if (order === null)
    throw new UserError(`There is no order for ${run}`, 'it is made by the dashboard', [
      'Start the operation from the dashboard.',
    ])
  const told = order as unknown as Order | SettleOrder
  if ('settle' in told) {
    const how = { resume: resumeRun, undo: undoRun, abandon: abandonRun }[told.settle]
    return await how({ root, run, calls, by: told.by, signals: true })
  }
  const { plan, answers, by } = told
  return await executePlan({ root, plan, answers, by, calls, signals: true })
}
