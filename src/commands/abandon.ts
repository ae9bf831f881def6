import { UserError } from '../core/failure.ts'
import { abandonRun } from '../run/resume.ts'
import type { RunCommand } from './command.ts'
import { inspect, settle } from './resume.ts'
import { survivedContext, survivingProject } from './surviving.ts'

/** `knowngood abandon RUN --yes`: leaves everything as it is, lets the locks go, and never offers the run again. */
export const run: RunCommand = async (given, [id = ''], options) => {
  const survived = await survivingProject(given, null)
  const context = survivedContext(given, survived)
  const { root } = survived.project
  if (context.dryRun) return await inspect(context, root, id, false)
  if (options['yes'] !== true)
    throw new UserError('abandon needs --yes', 'the run is left half way for good', [
      `Look first: knowngood resume ${id} --dry-run`,
      `knowngood abandon ${id} --yes`,
    ])
  return await settle(context, root, id, abandonRun)
}
