import { calls } from '../calls/registry.ts'
import { EXIT } from '../core/failure.ts'
import { moveState } from '../core/paths.ts'
import { readRun } from '../run/inspect.ts'
import { runOrder } from '../run/launch.ts'
import { type RunCommand, textOption } from './command.ts'
import { survivingProject } from './surviving.ts'
import { tellRun } from './tell-outside.ts'

/** `knowngood __run RUN`: the process a dashboard starts; it executes what was reviewed and outlives its terminal. */
export const run: RunCommand = async (context, [id = ''], options) => {
  // What was reviewed is what runs; the configuration only says who is told of its end.
  const { project } = await survivingProject(context, null)
  const state = textOption(options, 'state')
  if (state !== null) moveState(project.root, state)
  const result = await runOrder(project.root, id, calls)
  const data = { run: result.run, outcome: result.outcome }
  const { plan, by } = await readRun(project.root, id)
  await tellRun(project, plan, result, by)
  if (result.exit !== EXIT.liveWrong) return { exit: result.exit, data, lines: [] }
  const { rollBackUnasked } = await import('./roll-back-unasked.ts')
  const back = await rollBackUnasked(project, { plan, result, by })
  return { exit: back?.exit ?? result.exit, data, lines: back === null ? [] : [back.says] }
}
