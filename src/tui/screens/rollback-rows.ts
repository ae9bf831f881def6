import { duration, moment, stretch } from '../../core/age.ts'
import type { RollbackCandidate } from '../../core/facts.ts'
import { count } from '../../core/next-actions.ts'
import type { Plan, Step } from '../../core/plan.ts'
import { wrap } from '../../core/text.ts'
import {
  cells,
  columnOf,
  empty,
  firstFit,
  fit,
  line,
  muted,
  pad,
  spread,
  strong,
  t,
  widthOf,
  type Line,
} from '../line.ts'
import { glyph } from '../theme.ts'
import { sentence, shortOid, warn } from '../words.ts'

type Columns = { name: number; when: number; ran: number; undoes: number }

/** How wide each column is, from what is in them. */
export function columnsOf(list: readonly RollbackCandidate[], columns: number, now: Date): Columns {
  const widest = (least: number, most: number, text: (each: RollbackCandidate) => string): number =>
    Math.max(least, columnOf(list.map(text), most))
  return {
    name: widest(12, columns < 66 ? 16 : 20, (each) => each.id),
    when: widest(9, 12, (each) => moment(each.at, now)),
    ran: columns < 76 ? 0 : widest(5, 10, ranOf),
    undoes: widest(10, 11, undoneOf),
  }
}

const ranOf = (each: RollbackCandidate): string =>
  each.ranMs === null ? each.kind : each.ranMs < 60_000 ? 'ran <1 min' : `ran ${stretch(each.ranMs)}`
const undoneOf = (each: RollbackCandidate): string => count(each.undoes.length, 'release')

export function heading(at: Columns, title: string): Line {
  const before = 2 + at.name + 2 + at.when + 2 + (at.ran === 0 ? 0 : at.ran + 2)
  return line(pad(strong(`  ${title}`), before), pad(muted('undoes'), at.undoes + 2), muted('database'))
}

export function candidateRow(
  each: RollbackCandidate,
  selected: boolean,
  at: Columns,
  columns: number,
  now: Date,
): Line {
  const start = line(
    t(selected ? `${glyph.pointer} ` : '  ', 'key'),
    cells([
      { content: t(each.id, each.offered ? 'text' : 'muted', selected), columns: at.name },
      { content: pad(line(moment(each.at, now)), at.when), columns: at.when },
      { content: pad(muted(ranOf(each)), at.ran), columns: at.ran },
    ]),
    '  ',
  )
  if (!each.offered)
    return fit(line(start, t(`not offered: ${each.because ?? 'not usable'}`, 'attention')), columns - 1)
  return fit(
    line(
      start,
      pad(line(undoneOf(each)), at.undoes),
      '  ',
      verdict(each, columns - 1 - widthOf(start) - at.undoes - 2),
    ),
    columns - 1,
  )
}

/** A release that failed is said before what its schema is: the preview says that as well. */
function verdict(each: RollbackCandidate, columns: number): Line {
  return each.failed === undefined
    ? schema(each)
    : firstFit([warn('its release failed'), warn('failed release'), warn('failed')], columns)
}

function schema(each: RollbackCandidate): Line {
  if (each.schema.verdict === 'same') return line('same schema')
  return warn(each.schema.verdict === 'differs' ? 'schema differs' : 'schema unknown')
}

/** The steps that change something elsewhere, up to the last of them, and what proves them; the review has all. */
function mainSteps(plan: Plan): readonly Step[] {
  const last = plan.steps.findLastIndex((step) => step.effect === 'outward' || step.effect === 'destroys')
  return plan.steps.slice(0, last + 1).filter((step) => !/^(lock|basis|again|look)/.test(step.id))
}

/** What becomes of the data, where a candidate holds any. */
export function dataLines({ data = [], offered }: RollbackCandidate, withData: boolean): Line[] {
  if (!offered || data.length === 0) return []
  const names = data.join(', ')
  return withData
    ? [warn(`${names} as of then, too; t keeps what is there`), empty]
    : [muted(`It holds ${names} as well; t puts that back too.`), empty]
}

/** What going back to a candidate would do; null: its plan is not made yet. */
export function previewLines(chosen: RollbackCandidate, plan: Plan | null, columns: number, now: Date): Line[] {
  if (!chosen.offered)
    return [
      warn(`${chosen.id} is not offered`),
      ...wrap(sentence(chosen.because ?? ''), columns).map((text) => line(text)),
    ]
  const head = wrap(`This will restore to ${chosen.id}, as of ${moment(chosen.at, now)}. It will`, columns).map(
    (text) => line(text),
  )
  const failed =
    chosen.failed === undefined
      ? []
      : wrap(`The release of ${shortOid(chosen.commit)} ${chosen.failed}: it was never proven live.`, columns - 2).map(
          (text, index) => (index === 0 ? warn(text) : line(`  ${text}`)),
        )
  const about = muted(`${shortOid(chosen.commit)}  ${chosen.subject}`)
  if (plan === null) return [fit(about, columns), empty, ...failed, ...head, muted('  checking…')]
  const told = mainSteps(plan)
  const titles = columnOf(
    told.map((step) => step.title),
    40,
  )
  const steps = told.map((step, index) => {
    const took = step.expect?.ms === undefined ? empty : muted(`about ${duration(step.expect.ms)}`)
    return spread(
      line(
        '  ',
        pad(line(String(index + 1)), 3),
        pad(line(step.title), titles),
        muted(step.detail === undefined ? '' : `  ${step.detail}`),
      ),
      took,
      columns,
    )
  })
  const loses = plan.loses.flatMap((text) =>
    wrap(sentence(text), columns - 2).map((each, index) => (index === 0 ? warn(each) : line(`  ${each}`))),
  )
  const holds = plan.holds.flatMap((hold) =>
    wrap(`Held: ${hold.why}`, columns - 2).map((each, index) => (index === 0 ? warn(each) : line(`  ${each}`))),
  )
  return [...holds, ...failed, ...loses, ...head, ...steps, empty, fit(about, columns)]
}
