import { setTimeout as sleep } from 'node:timers/promises'
import type { Facts } from '../core/facts.ts'
import { EXIT, held, UserError } from '../core/failure.ts'
import type { Plan } from '../core/plan.ts'
import type { Context } from './context.ts'

/**
 * A plan from what is seen now. While nothing but somebody's lock holds it and `--wait` allows, it is looked at again
 * and planned anew: what the other one did belongs to what is reviewed.
 */
export async function planWhenFree(context: Context, make: (facts: Facts) => Promise<Plan>): Promise<Plan> {
  const until = performance.now() + context.waitMs
  for (;;) {
    const plan = await make(await context.facts({ remote: true, live: true }))
    const onlyLocked = plan.holds.length > 0 && plan.holds.every((hold) => hold.id === 'locked')
    if (!onlyLocked || context.dryRun || performance.now() >= until) return plan
    context.say(`Waiting: ${plan.holds[0]?.why ?? ''}`)
    await sleep(Math.min(2000, Math.max(100, until - performance.now())))
  }
}

/** Exit 3 with every hold and how to lift it; exit 6 where somebody is at work on this production. */
export function refuseHeld(plan: Plan): void {
  if (plan.holds.length === 0) return
  const [why, next] = [plan.holds.map((hold) => hold.why).join('; '), plan.holds.map((hold) => hold.fix)]
  if (!plan.holds.some((hold) => hold.id === 'locked')) throw held(`${plan.title} is held`, why, next)
  throw new UserError(
    `${plan.title} is locked`,
    why,
    [...next, 'Wait for it with --wait 10m', 'Left behind for good: knowngood lock release'],
    EXIT.locked,
  )
}
