import { setTimeout as sleep } from 'node:timers/promises'
import { UserError } from '../core/failure.ts'
import { isRunId } from '../core/naming.ts'
import { statePaths } from '../core/paths.ts'
import type { CallRegistry, Plan } from '../core/plan.ts'
import { readJson, writeWhole } from '../world/files.ts'
import { startDetached } from '../world/detached.ts'
import { executePlan, type RunResult } from './execute.ts'
import { readBegin } from './summary.ts'

/** What the process that executes a run is told: a reviewed plan, or an interrupted run to settle. */
export type Order = { plan: Plan; answers: Record<string, string>; by: string }

const PATIENCE_MS = 10_000

/**
 * Starts a reviewed plan in a process of its own, which outlives this one and its terminal. Resolves with the run's id
 * when its journal has begun; throws what the run's process said when it could not begin (a lock held, say).
 */
export async function launchRun(root: string, order: Order): Promise<string> {
  const run = order.plan.names['run'] ?? ''
  const paths = statePaths(root)
  await writeWhole(paths.order(run), JSON.stringify(order))
  const child = await startDetached(['__run', run], { cwd: root, output: `${paths.run(run)}/process.log` })
  const until = performance.now() + PATIENCE_MS
  while (performance.now() < until) {
    if ((await readBegin(root, run)) !== null) return run
    const said = child.ended()
    if (said !== null) throw new UserError(`${order.plan.title} did not start`, said.trim().split('\n')[0] ?? '', ['knowngood status says what is going on.'], 3)
    await sleep(25)
  }
  throw new UserError(`${order.plan.title} did not start`, 'its process said nothing for 10 s', [`Look at ${paths.run(run)}/process.log.`], 3)
}

/** Executes what `launchRun` left for this process. */
export async function runOrder(root: string, run: string, calls: CallRegistry): Promise<RunResult> {
  const order = isRunId(run) ? await readJson(statePaths(root).order(run)) : null
  if (order === null) throw new UserError(`There is no order for ${run}`, 'it is made by the dashboard', ['Start the operation from the dashboard.'])
  const { plan, answers, by } = order as unknown as Order
  return await executePlan({ root, plan, answers, by, calls, signals: true })
}
