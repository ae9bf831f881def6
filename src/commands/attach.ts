import { EXIT, type ExitCode, UserError } from '../core/failure.ts'
import type { RunView } from '../core/deck.ts'
import { allSteps } from '../core/plan.ts'
import { summarise } from '../run/summary.ts'
import { watchRun } from '../run/watch.ts'
import type { RunCommand } from './command.ts'

/** `knowngood attach RUN`: follows a run of another process to its end, and ends with its exit code. */
export const run: RunCommand = async (context, [id = '']) => {
  const { root } = await context.project()
  const summary = await summarise(root, id)
  if (summary === null)
    throw new UserError(`There is no run ${id}`, 'its journal is not here', ['knowngood status names what runs.'])
  const store = watchRun(root, id)
  const said = new Set<string>()
  const view = await new Promise<RunView>((resolve) => {
    const look = () => {
      const now = store.get()
      if (now === null) return
      const titles = new Map(allSteps(now.plan).map((step) => [step.id, step.title]))
      for (const [step, { state }] of Object.entries(now.states)) {
        const line = `${state.padEnd(8)} ${titles.get(step) ?? step}`
        if (!said.has(line)) context.say(line)
        said.add(line)
      }
      if (now.end !== null || now.died) done(now)
    }
    // Watching alone keeps no process alive.
    const awake = setInterval(() => undefined, 60_000)
    const unsubscribe = store.subscribe(look)
    const done = (last: RunView) => {
      clearInterval(awake)
      unsubscribe()
      resolve(last)
    }
    look()
  })
  const { end } = view
  if (end === null)
    throw new UserError(
      `${summary.title} was interrupted`,
      'its process is gone',
      [`knowngood resume ${id}`],
      EXIT.notPutBack,
    )
  const lines = [`${summary.title}: ${end.outcome}${end.error === undefined ? '' : `, ${end.error}`}`]
  return {
    exit: end.exit as ExitCode,
    data: { run: id, outcome: end.outcome, error: end.error ?? null, owed: end.owed },
    lines,
  }
}
