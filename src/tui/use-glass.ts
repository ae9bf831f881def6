import { useEffect, useState } from 'react'
import type { DeckRequest, GlassChoice } from '../core/deck.ts'
import { messageOf } from '../core/failure.ts'
import type { Plan } from '../core/plan.ts'
import { useStage } from './stage.ts'
import { useStore } from './use-store.ts'

export type GlassRequest = Extract<DeckRequest, { op: 'emergency' }>

/** `plan` is of the same parts; `fresh` says that it is of the same reason too, and may be started. */
export type GlassPlan = { plan: Plan | null; fresh: boolean; failed: string | null }

/** The baselines there are, the best first; null while they are looked up. */
export function useBaselines(): { choices: readonly GlassChoice[] | null; failed: string | null } {
  const { deck } = useStage()
  const { facts } = useStore(deck.facts)
  const { backups } = facts
  const [seen, setSeen] = useState<{ choices: readonly GlassChoice[] | null; failed: string | null }>({
    choices: null,
    failed: null,
  })
  useEffect(() => {
    if (!backups.ok) return
    let gone = false
    deck.glass().then(
      (choices) => void (gone || setSeen({ choices, failed: null })),
      (error: unknown) => void (gone || setSeen((old) => ({ ...old, failed: messageOf(error) }))),
    )
    return () => {
      gone = true
    }
  }, [deck, backups])
  return seen
}

/** The plan of what is asked for, made anew whenever that changes; `request` null asks for none. `since` changes with the world. */
export function useGlassPlan(request: GlassRequest | null, since: string): GlassPlan {
  const { deck } = useStage()
  const parts = request === null ? '' : `${since} ${JSON.stringify({ ...request, reason: '' })}`
  const whole = `${parts} ${request?.reason ?? ''}`
  const [seen, setSeen] = useState<{ parts: string; whole: string; plan: Plan | null; failed: string | null }>({
    parts: '',
    whole: '',
    plan: null,
    failed: null,
  })
  useEffect(() => {
    if (request === null) return
    let gone = false
    deck.plan(request).then(
      (plan) => void (gone || setSeen({ parts, whole, plan, failed: null })),
      (error: unknown) => void (gone || setSeen({ parts, whole, plan: null, failed: messageOf(error) })),
    )
    return () => {
      gone = true
    }
    // oxlint-disable-next-line react/exhaustive-deps -- `whole` is the request
  }, [deck, whole])
  const same = request !== null && seen.parts === parts
  return { plan: same ? seen.plan : null, fresh: seen.whole === whole, failed: same ? seen.failed : null }
}
