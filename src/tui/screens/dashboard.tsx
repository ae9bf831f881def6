import type { ReactNode } from 'react'
import { duration, moment } from '../../core/age.ts'
import type { HistoryRow } from '../../core/facts.ts'
import { nextActions, type NextAction } from '../../core/next-actions.ts'
import { useKeys } from '../layers.ts'
import { cells, columnOf, empty, fit, line, muted, pad, spread, strong, t, type Line } from '../line.ts'
import { footer, writingFooter } from '../parts/footer.ts'
import { Page } from '../parts/page.tsx'
import { useSize, useStage } from '../stage.ts'
import { glyph } from '../theme.ts'
import { useCursor, windowStart } from '../use-cursor.ts'
import { useFilter } from '../use-filter.ts'
import { useStore } from '../use-store.ts'
import { goTo, review } from '../verbs.ts'
import { lookedAt } from '../words.ts'
import { actionDetail, historyDetail } from './dashboard-detail.ts'
import { factRows } from './dashboard-facts.ts'

/** Is it fine, and what next? */
export function Dashboard(): ReactNode {
  const stage = useStage()
  const { deck, go, situation } = stage
  const size = useSize()
  const look = useStore(deck.facts)
  const now = new Date(look.facts.at)
  const filter = useFilter('history')
  const rows = look.facts.history.filter((row) => filter.matches(`${row.name} ${row.type} ${row.by} ${row.note}`))
  const actions = nextActions(look.facts, now)
  const most = size.body < 18 ? 3 : size.body < 30 ? 4 : 10
  const facts = factRows({ ...look, now, columns: size.left, most, freshMs: deck.freshMs })
  const shape = shapeOf(size.body, facts, actions.length, rows.length)
  const cursor = useCursor('dashboard', actions.length + (shape.history > 0 ? rows.length : 0), size.body)
  const action = actions[cursor.index]
  const row = action === undefined ? rows[cursor.index - actions.length] : undefined

  const looking = look.checking.has('git') || look.checking.has('logs')
  const none = looking ? '  checking…' : '  Nothing released yet. d makes the first release.'

  const verbs = goTo(stage)
  useKeys({
    place: 'dashboard',
    off: { filter: shape.history === 0 ? 'there is no room for the history in this window' : null },
    handlers: {
      ...verbs,
      ...cursor.handlers,
      ...filter.handlers,
      open: () => (action ? openAction(action) : row && openRow(row)),
      copy: () => void copy(),
    },
    ...(filter.write ? { write: filter.write } : {}),
  })

  function openAction(chosen: NextAction): void {
    if (chosen.id === 'settle' && chosen.run)
      return go({ do: 'open', screen: { place: 'interrupted', run: chosen.run } })
    if (chosen.id === 'watch' && chosen.run) return go({ do: 'open', screen: { place: 'running', run: chosen.run } })
    if (chosen.id === 'certify') return void review(stage, { op: 'certify' })
    if (chosen.id === 'rollback' && chosen.run) return go({ do: 'open', screen: { place: 'failed', run: chosen.run } })
    if (chosen.id !== 'settle' && chosen.id !== 'watch') verbs[chosen.id]?.()
  }
  function openRow(chosen: HistoryRow): void {
    const { log, run } = chosen
    if (log !== null)
      return go({ do: 'open', screen: { place: 'reader', title: log, load: () => deck.log(log), atEnd: false } })
    if (run !== null)
      return go({ do: 'open', screen: { place: 'reader', title: run, load: () => deck.runLog(run), atEnd: false } })
    stage.toast('Nothing more was written down about this one.')
  }
  async function copy(): Promise<void> {
    const text = row?.commit ?? row?.name ?? (look.facts.git.ok ? (look.facts.git.value.next?.oid ?? '') : '')
    await stage.attempt(() => deck.copy(text))
    stage.toast(`Copied ${text}.`)
  }

  const titles = Math.max(19, ...actions.map((each) => each.title.length))
  const selected = (index: number): Line => (index === cursor.index ? t(`${glyph.pointer} `, 'key') : line('  '))
  const first = Math.max(0, windowStart(cursor.index - actions.length, rows.length, shape.history))
  const body: Line[] = [
    ...shape.facts,
    ...(shape.gaps ? [empty] : []),
    strong('  Do next'),
    ...actions.map((each, index) => actionRow(each, selected(index), titles, size.left)),
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
    ...historyRows(rows, size.left, now)
      .map((each, index) => line(selected(actions.length + index), each))
      .slice(first, first + shape.history),
    ...(shape.history > 0 && rows.length === 0 ? [muted(filter.text === '' ? none : '  Nothing like that.')] : []),
  ]
  return (
    <Page
      body={body}
      right={lookedAt(look)}
      footer={
        filter.writing
          ? writingFooter()
          : footer({ place: 'dashboard', situation, columns: size.columns, without: ['back'] })
      }
      detail={() => (action ? actionDetail(action, look.facts, size.pane) : historyDetail(row, look.facts, size.pane))}
    />
  )
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

function actionRow(action: NextAction, pointer: Line, titles: number, columns: number): Line {
  const key = pad(t(action.key, 'key'), action.key.length > 2 ? action.key.length + 1 : 3)
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

function historyRows(rows: readonly HistoryRow[], columns: number, now: Date): Line[] {
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
  return rows.map((row) =>
    fit(
      line(
        MARKS[row.mark],
        '  ',
        cells([
          { content: line(row.name), columns: name },
          { content: line(moment(row.at, now)), columns: when },
          { content: line(row.type), columns: type },
          { content: line(tookOf(row)), columns: took, align: 'right' },
          ...(row.note === '' ? [] : [{ content: line(row.note), columns: Math.min(24, row.note.length) }]),
          { content: muted(row.by), columns: 12 },
        ]),
      ),
      columns - 3,
    ),
  )
}

const tookOf = (row: HistoryRow): string => (row.tookMs === null ? '' : duration(row.tookMs))
