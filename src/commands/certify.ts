import { planCertify } from '../plans/certify.ts'
import type { RunCommand } from './command.ts'
import { decide } from './decide.ts'
import { operate } from './operate.ts'

/** `knowngood certify`: tags a release that was verified live, once its after-confirmations have passed. */
export const run: RunCommand = async (context, _args, options) => {
  const [project, facts] = await Promise.all([context.project(), context.facts({ remote: true, live: true })])
  const plan = planCertify(project, facts, {}, await decide(context, project, 'certify'))
  return await operate(context, plan, options, () => ({
    data: { tag: plan.names['tag'] ?? null, commitHash: plan.names['commit'] ?? null },
    lines: [`Certified: ${plan.names['tag']} at ${plan.names['commit']?.slice(0, 7)}.`],
  }))
}
