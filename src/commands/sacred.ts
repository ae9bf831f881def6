import { UserError } from '../core/failure.ts'
import { planSacred } from '../plans/sacred.ts'
import type { RunCommand } from './command.ts'
import { decide } from './decide.ts'
import { operate } from './operate.ts'

/** `knowngood sacred NAME`: an annotated tag sacred/NAME on the live commit, pushed. */
export const run: RunCommand = async (context, [name = ''], options) => {
  const [project, facts] = await Promise.all([context.project(), context.facts({ remote: true, live: true })])
  const plan = planSacred(project, facts, { name }, await decide(context, project, 'sacred'))
  const misnamed = plan.holds.find(({ id }) => id === 'name')
  if (misnamed !== undefined)
    throw new UserError("A sacred point can't be called that", misnamed.why, [`${misnamed.fix}.`])
  return await operate(context, plan, options, () => ({
    data: { tag: plan.names['tag'] ?? null, commitHash: plan.names['commit'] ?? null },
    lines: [`${plan.names['tag']} stands on ${plan.names['commit']?.slice(0, 7)}.`],
  }))
}
