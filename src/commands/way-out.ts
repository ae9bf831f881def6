import { EXIT, UserError } from '../core/failure.ts'
import { projectOfBaseline } from '../records/baseline-project.ts'

/** An error of the configuration, with the one thing that works without it: break glass, where a baseline carries its own. */
export async function withWayOut(problem: UserError, folder: () => string): Promise<UserError> {
  if (problem.exit !== EXIT.usage) return problem
  const { findRoot, loadProject } = await import('../config/load.ts')
  const root = await (async () => findRoot(folder()))().catch(() => null)
  if (root === null) return problem
  const broken = await loadProject(root).then(
    () => null,
    (error: unknown) => (error instanceof UserError ? error.what : null),
  )
  // Anything else that was asked for wrongly is no matter of the configuration.
  const carried = broken === problem.what ? await projectOfBaseline(root, null) : null
  if (carried === null) return problem
  const hint = `If production is down now: knowngood emergency works without it, by what ${carried.from} carries.`
  return new UserError(problem.what, problem.why, [...problem.next, hint], problem.exit)
}
