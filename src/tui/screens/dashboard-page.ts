import { duration, moment } from '../../core/age.ts'
import type { Deck, DeckFacts } from '../../core/deck.ts'
import type { HistoryRow } from '../../core/facts.ts'
import { nextActions, type NextAction } from '../../core/next-actions.ts'
import type { Situation } from '../keys-off.ts'
import { cells, columnOf, empty, fit, line, muted, pad, spread, strong, t, type Line } from '../line.ts'
import { footer, writingFooter } from '../parts/footer.ts'
import type { Content } from '../parts/page-lines.ts'
import type { Size } from '../size.ts'
import { glyph } from '../theme.ts'
import { windowStart } from '../window.ts'
import { lookedAt } from '../words.ts'
import { actionDetail, historyDetail } from './dashboard-detail.ts'
import { factRows } from './dashboard-facts.ts'

/** What there is to choose from, and what of it fits. */
export type Choice = { look: DeckFacts; size: Size; now: Date; actions: NextAction[]; rows: HistoryRow[]; shape: Shape }

/** The filter over the history as it is written. */
export type HistoryFilter = {
  text: string
  writing: boolean
  matches(text: string): boolean
  title(name: string): string
}

export const noFilter: HistoryFilter = { text: '', writing: false, matches: () => true, title: (name) => name }

export function dashboardChoice(look: DeckFacts, size: Size, freshMs: Deck['freshMs'], filter: HistoryFilter): Choice {
  const now = new Date(look.facts.at)
  const { history } = look.facts
  const rows =
    filter.text === ''
      ? history
      : history.filter((row) => filter.matches(`${row.name} ${row.type} ${row.by} ${row.note}`))
  const actions = nextActions(look.facts, now, freshMs)
  const most = size.body < 18 ? 3 : size.body < 30 ? 4 : 10
  const facts = factRows({ ...look, now, columns: size.left, most, freshMs })
  return { look, size, now, actions, rows, shape: shapeOf(size.body, facts, actions.length, rows.length) }
}

/** The page, with the pointer at one of the choices: actions first, then the history. */
export function dashboardPage(choice: Choice, index: number, filter: HistoryFilter, situation: Situation): Content {
  const { look, size, now, actions, rows, shape } = choice
  const looking = look.checking.has('git') || look.checking.has('logs')
  const none = looking ? '  checking…' : '  Nothing released yet. d makes the first release.'
  const titles = Math.max(19, ...actions.map((each) => each.title.length))
  const keys = Math.max(3, ...actions.map((each) => each.key.length + 1))
  const selected = (at: number): Line => (at === index ? t(`${glyph.pointer} `, 'key') : line('  '))
  const first = Math.max(0, windowStart(index - actions.length, rows.length, shape.history))
  const body: Line[] = [
    ...shape.facts,
    ...(shape.gaps ? [empty] : []),
    strong('  Do next'),
    ...actions.map((each, at) => actionRow(each, selected(at), { keys, titles }, size.left)),
    ...(actions.length === 0 ? [muted(looking ? '  checking…' : '  Nothing needs doing.')] : []),
    ...(shape.history > 0
      ? [
          ...(shape.gaps ? [empty] : []),
          spread(
            strong(`  ${filter.title('History')}`),
            muted(counted(rows.length, look.facts.history.length, shape.history)),
            size.left - 2,
          ),
        ]
      : []),
    ...historyRows(rows, first, first + shape.history, size.left, now).map((each, at) =>
      line(selected(actions.length + first + at), each),
    ),
    ...(shape.history > 0 && rows.length === 0 ? [muted(filter.text === '' ? none : '  Nothing like that.')] : []),
  ]
  const action = actions[index]
  return {
    body,
    right: lookedAt(look),
    footer: filter.writing
      ? writingFooter()
      : footer({ place: 'dashboard', situation, columns: size.columns, without: ['back'] }),
    detail: () =>
      action
        ? actionDetail(action, look.facts, size.pane)
        : historyDetail(rows[index - actions.length], look.facts, size.pane),
  }
}

type Shape = { facts: Line[]; gaps: boolean; history: number }

/** What fits: history gives way first, then the empty lines, then the lower facts. */
function shapeOf(room: number, facts: Line[], actions: number, history: number): Shape {
  const act = 1 + Math.max(1, actions)
  const left = room - facts.length - act - 3
  if (left >= 1) return { facts, gaps: true, history: Math.min(left, Math.max(1, history)) }
  if (room - facts.length - act >= 1) return { facts, gaps: true, history: 0 }
  return { facts: facts.slice(0, Math.max(1, room - act)), gaps: false, history: 0 }
}

function counted(shown: number, all: number, rows: number): string {
  return shown === 0 ? '' : `${Math.min(rows, shown)} of ${shown}${shown === all ? '' : `, filtered from ${all}`}`
}

function actionRow(
  action: NextAction,
  pointer: Line,
  { keys, titles }: { keys: number; titles: number },
  columns: number,
): Line {
  const key = pad(t(action.key, 'key'), keys)
  const why =
    action.state === 'urgent'
      ? t(action.why, 'attention')
      : action.state === 'held'
        ? muted(action.why)
        : line(action.why)
  return fit(line(pointer, key, pad(line(action.title), titles), '  ', why), columns - 1)
}

const MARKS = {
  release: t(glyph.ok, 'ok'),
  rollback: t(glyph.back, 'key'),
  failed: t(glyph.bad, 'danger'),
  verified: t(glyph.open),
} as const

/** The rows of a window on the history; the columns are as wide as the whole of it needs, so that nothing jumps. */
function historyRows(rows: readonly HistoryRow[], from: number, to: number, columns: number, now: Date): Line[] {
  const name = columnOf(
    rows.map((row) => row.name),
    columns < 76 ? 15 : 20,
  )
  const when = columnOf(
    rows.map((row) => moment(row.at, now)),
    12,
  )
  const type = columnOf(
    rows.map((row) => row.type),
    9,
  )
  const took = columnOf(rows.map(tookOf), 7)
  const by = columnOf(
    rows.map((row) => row.by),
    12,
  )
  return rows.slice(from, to).map((row) =>
    fit(
      line(
        MARKS[row.mark],
        '  ',
        cells([
          { content: line(row.name), columns: name },
          { content: line(moment(row.at, now)), columns: when },
          { content: line(row.type), columns: type },
          { content: line(tookOf(row)), columns: took, align: 'right' },
          { content: muted(row.by), columns: by },
          { content: line(row.note), columns: row.note === '' ? 0 : 24 },
        ]),
      ),
      columns - 3,
    ),
  )
}

const tookOf = (row: HistoryRow): string => (row.tookMs === null ? '' : duration(row.tookMs))
