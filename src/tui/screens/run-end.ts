import type { RunView } from '../../core/deck.ts'
import { swapsData, type Plan } from '../../core/plan.ts'
import { wrap } from '../../core/text.ts'
import { empty, line, muted, t, type Line } from '../line.ts'
import { glyph } from '../theme.ts'

const SAYS = {
  done: 'Done, but for what is owed.',
  held: 'Held: nothing was changed.',
  undone: 'It failed, and everything was put back as it was.',
  halted: 'It stopped half way; what was done is still there.',
  stuck: 'It failed, and not everything could be put back. What remains, by hand:',
  stopped: 'It was stopped, and everything was put back as it was.',
  abandoned: 'It was abandoned; what was done is still there.',
} as const

/** Of the names a plan decided, those an operator will look for. */
const NAMED = ['tag', 'backup', 'log', 'snapshot'] as const

/** How it ended, why, what is owed and what must be done by hand. */
export function endLines(view: RunView, end: NonNullable<RunView['end']>, columns: number): Line[] {
  const room = columns - 6
  const good = end.exit === 0
  const names = NAMED.flatMap((name) => view.plan.names[name] ?? [])
  const head = good ? asWished(view, end.outcome) : SAYS[end.outcome]
  return [
    empty,
    ...wrap(head, room).map((text, index) =>
      line('  ', index === 0 ? t(`${good ? glyph.ok : glyph.bad}  `, good ? 'ok' : 'danger') : '   ', text),
    ),
    ...(end.error === undefined
      ? []
      : wrap(end.error, room)
          .slice(0, 3)
          .map((text) => t(`     ${text}`, 'danger'))),
    ...end.owed
      .slice(0, 3)
      .flatMap((text) => wrap(`Owed: ${text}`, room).map((each) => t(`     ${each}`, 'attention'))),
    ...end.byHand.slice(0, 4).map((text) => line('     $ ', text)),
    ...(good && swapsBack(view.plan) ? [muted('     u reviews swapping back what it replaced, x removing that')] : []),
    ...(good && names.length > 0 && end.outcome === 'done' ? [muted(`     ${names.join('   ')}`)] : []),
  ]
}

/** What went well: the plan itself, or what was chosen for a run that had stopped half way. */
function asWished({ plan }: RunView, outcome: keyof typeof SAYS): string {
  if (outcome === 'done') return `${plan.title}: done.`
  return outcome === 'undone' ? 'Everything it had done was put back as it was.' : SAYS[outcome]
}

/** Where the journal is, while the run goes on and after it, when its own place takes nothing. */
export function journalLines({ plan }: RunView, columns: number): Line[] {
  const { journal } = plan.names
  if (journal === undefined) return []
  return wrap(`The journal of this run is kept in ${journal}`, columns - 6).map((text) =>
    t(`     ${text}`, 'attention'),
  )
}

/** Whether what a run replaced can be swapped back from the screens. */
export function swapsBack(plan: Plan): boolean {
  return (plan.op === 'restore' || plan.op === 'emergency') && swapsData(plan)
}
