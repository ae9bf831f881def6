import { EXIT, UserError } from '../core/failure.ts'
import { projectOfBaseline } from '../records/baseline-project.ts'

/** An error of the configuration, with the one thing that works without it: break glass, where a baseline carries its own. */
export async function withWayOut(error: unknown, cwd: string): Promise<unknown> {
  if (!(error instanceof UserError) || error.exit !== EXIT.usage) return error
  const { findRoot } = await import('../config/load.ts')
  const root = await findRoot(cwd).catch(() => null)
  const carried = root === null ? null : await projectOfBaseline(root, null)
  if (carried === null) return error
  const hint = `If production is down now: knowngood emergency works without it, by what ${carried.from} carries.`
  return new UserError(error.what, error.why, [...error.next, hint], error.exit)
}
