import { calls } from '../calls/registry.ts'
import { runOrder } from '../run/launch.ts'
import type { RunCommand } from './command.ts'

/** `knowngood __run RUN`: the process a dashboard starts; it executes what was reviewed and outlives its terminal. */
export const run: RunCommand = async (context, [id = '']) => {
  const { root } = await context.project()
  const result = await runOrder(root, id, calls)
  return { exit: result.exit, data: { run: result.run, outcome: result.outcome }, lines: [] }
}
