import { age, stretch } from './age.ts'
import type { DrillFacts } from './drill.ts'
import type { MirrorFacts } from './facts.ts'
import { count } from './next-actions.ts'

/** A row of the dashboard and of `status`: its middle, longest first, and its state. */
export type DueWords = { says: string[]; status: string; tone: 'good' | 'open' | 'warn' }

/** When the next drills are due: "spot in 4 d · full", "12 d overdue". Null where none is known of. */
export function drillWords(drills: readonly DrillFacts[], now: Date): DueWords | null {
  if (drills.length === 0) return null
  const told = drills.map((drill) => ({ drill, state: stateOf(drill) }))
  const worst = told.toSorted((a, b) => rank(b.drill) - rank(a.drill))[0]
  const status = worst?.state ?? 'not due'
  // What the state says already is not said beside the name again.
  const says = told.map(({ drill, state }) => {
    if (state === null) return `${drill.kind} ${age(drill.dueAt ?? '', now)}`
    return state === status ? drill.kind : `${drill.kind} ${state}`
  })
  const tone = drills.some(({ overdueMs }) => overdueMs > 0) ? 'warn' : worst?.state == null ? 'good' : 'open'
  return { says: [says.join(' · ')], status, tone }
}

/** What a drill that is due lacks; null while it is not due. */
function stateOf({ dueAt, overdueMs }: DrillFacts): string | null {
  if (dueAt === null) return 'never passed'
  return overdueMs > 0 ? `${stretch(overdueMs)} overdue` : null
}

/** A drill that is overdue comes before one that never was; of several the longest overdue. */
function rank({ dueAt, overdueMs }: DrillFacts): number {
  return overdueMs > 0 ? overdueMs : dueAt === null ? 0.5 : 0
}

/** How far behind a mirror is. */
export function mirrorWords({ to, lacks, holds, lastAt, stale }: MirrorFacts, now: Date): DueWords {
  const when = lastAt === null ? 'nothing sent yet' : age(lastAt, now)
  return {
    says: [`${to}   ${when}   holds ${holds}`, `${to}  ${when}`, to],
    status: lacks.length === 0 ? 'up to date' : `lacks ${count(lacks.length, 'backup')}`,
    tone: stale ? 'warn' : lacks.length > 0 ? 'open' : 'good',
  }
}
