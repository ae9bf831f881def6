import { UserError } from '../core/failure.ts'
import { tellsBuildId } from '../core/release.ts'
import { planVerifyLive } from '../plans/verify-live.ts'
import { type RunCommand, textOption } from './command.ts'
import { decide } from './decide.ts'
import { operate } from './operate.ts'

/** `knowngood verify-live`: consecutive cache-busted reads that all serve the expected BUILD_ID. */
export const run: RunCommand = async (context, _args, options) => {
  const [project, facts] = await Promise.all([context.project(), context.facts({ remote: true, live: false })])
  const reads = readsOption(textOption(options, 'reads')) ?? project.verify.reads
  const plan = planVerifyLive(
    project,
    facts,
    { buildId: textOption(options, 'buildId'), reads },
    await decide(context, project, 'verify-live'),
  )
  return await operate(context, plan, options, (result) => ({
    data: { buildId: plan.names['buildId'] ?? null, ...result.gives['verify'] },
    lines: [
      tellsBuildId(project.verify.checks)
        ? `Live: BUILD_ID ${plan.names['buildId']} in ${reads} consecutive reads.`
        : `Production answers as it should in ${reads} consecutive reads; no check names its BUILD_ID.`,
    ],
  }))
}

function readsOption(text: string | null): number | null {
  if (text === null) return null
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1 || count > 100) {
    throw new UserError(`--reads does not understand "${text}"`, 'it is a whole number from 1 to 100', [
      'Leave it out for the configured count.',
    ])
  }
  return count
}
