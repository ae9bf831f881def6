import type { DeckRequest } from '../core/deck.ts'
import { held } from '../core/failure.ts'
import type { Hold } from '../core/plan.ts'
import type { Handlers } from './layers.ts'
import type { Stage } from './stage.ts'

/** The deck's own verbs: what their keys do on the dashboard, and what the palette does from anywhere. */
export function goTo(stage: Stage): Handlers {
  const { go } = stage
  return {
    backup: () => go({ do: 'open', screen: { place: 'backup' } }),
    gate: () => go({ do: 'open', screen: { place: 'gate' } }),
    deploy: () => void review(stage, { op: 'deploy', type: 'release' }),
    verify: () => go({ do: 'open', screen: { place: 'verify' } }),
    rollback: () => go({ do: 'open', screen: { place: 'rollback' } }),
    logs: () => go({ do: 'open', screen: { place: 'logs' } }),
    backups: () => go({ do: 'open', screen: { place: 'backups' } }),
    prune: () => go({ do: 'open', screen: { place: 'prune' } }),
    activity: () => go({ do: 'open', screen: { place: 'activity' } }),
  }
}

/** Makes the plan and opens it for review. */
export async function review(stage: Stage, request: DeckRequest, how: 'open' | 'replace' = 'open'): Promise<void> {
  await stage.attempt(() => reviewed(stage, request, how))
}

/** As `review`, for a form: throws where no plan can be made. */
export async function reviewed(stage: Stage, request: DeckRequest, how: 'open' | 'replace' = 'open'): Promise<void> {
  const plan = await stage.deck.plan(request)
  stage.go({ do: how, screen: { place: 'review', plan, request } })
}

/** Starts what needs no review: backups and reads. A hold is said, and nothing starts. */
export async function startNow(stage: Stage, request: DeckRequest, says: string): Promise<void> {
  const hold = await stage.attempt(() => started(stage, request, says))
  if (hold !== null && hold !== 'started') stage.toast(`Held: ${hold.why}. ${hold.fix}`)
}

/** As `startNow`, for a form: throws what keeps it from starting. */
export async function startFrom(stage: Stage, request: DeckRequest, says: string): Promise<void> {
  const hold = await started(stage, request, says)
  if (hold !== 'started') throw held(`Held: ${hold.why}`, '', [hold.fix])
}

async function started(stage: Stage, request: DeckRequest, says: string): Promise<Hold | 'started'> {
  const plan = await stage.deck.plan(request)
  const hold = plan.holds[0]
  if (hold !== undefined) return hold
  if (plan.asks.length > 0) {
    stage.go({ do: 'open', screen: { place: 'review', plan, request } })
    return 'started'
  }
  const run = await stage.deck.start(plan, {})
  stage.go({ do: 'open', screen: { place: 'running', run } })
  stage.toast(says)
  return 'started'
}
