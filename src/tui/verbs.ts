import type { DeckRequest } from '../core/deck.ts'
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
  const plan = await stage.attempt(() => stage.deck.plan(request))
  if (plan !== null) stage.go({ do: how, screen: { place: 'review', plan, request } })
}

/** Starts what needs no review: backups and reads. A hold is said, and nothing starts. */
export async function startNow(stage: Stage, request: DeckRequest, says: string): Promise<void> {
  const plan = await stage.attempt(() => stage.deck.plan(request))
  if (plan === null) return
  const hold = plan.holds[0]
  if (hold !== undefined) return stage.toast(`Held: ${hold.why}. ${hold.fix}`)
  if (plan.asks.length > 0) return stage.go({ do: 'open', screen: { place: 'review', plan, request } })
  const run = await stage.attempt(() => stage.deck.start(plan, {}))
  if (run === null) return
  stage.go({ do: 'open', screen: { place: 'running', run } })
  stage.toast(says)
}
