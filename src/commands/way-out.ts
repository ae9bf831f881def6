import { EXIT, UserError } from '../core/failure.ts'
import { projectOfBaseline } from '../records/baseline-project.ts'

/** An error of the configuration, with the one thing that works without it: break glass, where a baseline carries its own. */
export async function withWayOut(problem: unknown, cwd: string): Promise<unknown> {
  if (!(problem instanceof UserError) || problem.exit !== EXIT.usage) return problem
  const { findRoot } = await import('../config/load.ts')
  const root = await findRoot(cwd).catch(() => null)
  const carried = root === null ? null : await projectOfBaseline(root, null)
  if (carried === null) return problem
  const hint = `If production is down now: knowngood emergency works without it, by what ${carried.from} carries.`
  return new UserError(problem.what, problem.why, [...problem.next, hint], problem.exit)
}
