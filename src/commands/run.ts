import { calls } from '../calls/registry.ts'
import { EXIT } from '../core/failure.ts'
import { readRun } from '../run/inspect.ts'
import { runOrder } from '../run/launch.ts'
import type { RunCommand } from './command.ts'
import { tellRun } from './tell-outside.ts'

/** `knowngood __run RUN`: the process a dashboard starts; it executes what was reviewed and outlives its terminal. */
export const run: RunCommand = async (context, [id = '']) => {
  const project = await context.project()
  const result = await runOrder(project.root, id, calls)
  const data = { run: result.run, outcome: result.outcome }
  const { plan, by } = await readRun(project.root, id)
  await tellRun(project, plan, result, by)
  if (result.exit !== EXIT.liveWrong) return { exit: result.exit, data, lines: [] }
  const { rollBackUnasked } = await import('./roll-back-unasked.ts')
  const back = await rollBackUnasked(project, { plan, result, by })
  return { exit: back?.exit ?? result.exit, data, lines: back === null ? [] : [back.says] }
}
