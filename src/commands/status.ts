import { EXIT } from '../core/failure.ts'
import type { JsonRecord } from '../core/json.ts'
import { statusLines } from '../report/status.ts'
import type { RunCommand } from './command.ts'

/** `knowngood status`: every fact, with its age, and what keeps a deploy from starting. */
export const run: RunCommand = async (context, _args, options) => {
  const online = options['offline'] !== true
  const [project, facts] = await Promise.all([context.project(), context.facts({ remote: online, live: online })])
  const data = { project: project.project, environment: project.environment, ...(facts as unknown as JsonRecord) }
  return { exit: EXIT.done, data, lines: statusLines(project, facts) }
}
