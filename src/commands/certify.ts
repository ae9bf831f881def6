import { planCertify } from '../plans/certify.ts'
import type { RunCommand } from './command.ts'
import { decide } from './decide.ts'
import { planWhenFree } from './held.ts'
import { operate } from './operate.ts'

/** `knowngood certify`: tags a release that was verified live, once its after-confirmations have passed. */
export const run: RunCommand = async (context, _args, options) => {
  const project = await context.project()
  const plan = await planWhenFree(context, async (facts) =>
    planCertify(project, facts, {}, await decide(context, project, 'certify')),
  )
  return await operate(context, plan, options, () => ({
    data: { tag: plan.names['tag'] ?? null, commitHash: plan.names['commit'] ?? null },
    lines: [`Certified: ${plan.names['tag']} at ${plan.names['commit']?.slice(0, 7)}.`],
  }))
}
