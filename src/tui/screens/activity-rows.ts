import { moment } from '../../core/age.ts'
import type { AuditView } from '../../core/deck.ts'
import { width, wrap } from '../../core/text.ts'
import { cells, columnOf, empty, line, muted, pad, plain, strong, t, type Line } from '../line.ts'
import { glyph } from '../theme.ts'

/** How wide the columns before the words are, from what is in them. */
export function columnsOf(list: readonly AuditView[], now: Date): Columns {
  return {
    when: columnOf(
      list.map((each) => moment(each.at, now)),
      12,
    ),
    who: columnOf(
      list.map((each) => each.actor),
      12,
    ),
  }
}

type Columns = { when: number; who: number }

export function activityRow(
  each: AuditView,
  selected: boolean,
  columns: number,
  { when, who }: Columns,
  now: Date,
): Line {
  const role = each.legacy ? 'muted' : each.outcome === 'failed' ? 'danger' : 'text'
  const room = Math.max(10, columns - 2 - when - 2 - (who > 0 ? who + 2 : 0) - 2)
  return line(
    t(selected ? `${glyph.pointer} ` : '  ', 'key'),
    cells([
      { content: muted(moment(each.at, now)), columns: when },
      { content: line(each.actor), columns: who },
      { content: t(shortened(each.says, room), role, selected), columns: room },
    ]),
  )
}

/** What a reader misses least, that first: who is named beside it, the commit stands in the lines around it. */
const LEAST: readonly (readonly [RegExp, string])[] = [
  [/ by=\S+$/, ''],
  [/ commit=[0-9a-f]{7,40}\b/, ''],
  [/ @ [0-9a-f]{7,40}\b/, ''],
  [/^Gate item /, 'Gate '],
  [/ backup (created|started): /, ' $1: '],
]

/** What is said in that many columns: what can be spared goes first, then what is only listed, and the end last. */
export function shortened(says: string, columns: number): string {
  let text = says
  for (const [spared, less] of LEAST) {
    if (width(text) <= columns) return text
    text = text.replace(spared, less)
  }
  const parts = text.split(' · ')
  for (let kept = parts.length - 1; kept > 0 && width(text) > columns; kept -= 1)
    text = `${parts.slice(0, kept).join(' · ')} · ${parts.length - kept} more`
  return text
}

/** Everything a line of the log says, also what its row had no room for. */
export function activityLines(each: AuditView, columns: number): Line[] {
  const pairs = [
    ['When', each.at],
    ['By', each.actor],
    ['Event', each.event],
    ['Outcome', each.outcome],
    ['Subject', each.subject],
    ['Written', each.legacy ? 'by another tool, outside the chain' : 'in the chain'],
  ] as const
  return [
    ...wrap(each.says, columns).map(strong),
    empty,
    ...pairs.flatMap(([name, value]) =>
      wrap(value, columns - 10).map((text, index) => line(pad(muted(index === 0 ? name : ''), 10), text)),
    ),
  ]
}

/** The same as plain text, for a page of its own. */
export const activityText = (each: AuditView, columns: number): string[] => activityLines(each, columns).map(plain)
