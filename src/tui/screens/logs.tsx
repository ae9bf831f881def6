import type { ReactNode } from 'react'
import type { Deck } from '../../core/deck.ts'
import type { DeployLogEntry } from '../../core/facts.ts'
import { wrap } from '../../core/text.ts'
import { useKeys } from '../layers.ts'
import { cells, columnOf, empty, line, muted, pad, spread, strong, t, type Line } from '../line.ts'
import { footer, writingFooter } from '../parts/footer.ts'
import { Page } from '../parts/page.tsx'
import { useSize, useStage } from '../stage.ts'
import { glyph } from '../theme.ts'
import { useCursor } from '../use-cursor.ts'
import { useFilter } from '../use-filter.ts'
import { useStore } from '../use-store.ts'
import { lookedAt, unknownLine } from '../words.ts'
import { windowStart } from '../window.ts'

/** Every deploy log, newest first, also those written by hand; enter reads one. */
export function Logs(): ReactNode {
  const stage = useStage()
  const { deck, go, situation } = stage
  const size = useSize()
  const look = useStore(deck.facts)
  const filter = useFilter('logs')
  const logs = look.facts.logs
  const all = logs.ok ? logs.value.toSorted((a, b) => (b.at ?? b.date).localeCompare(a.at ?? a.date)) : []
  const list = all.filter((each) =>
    filter.matches(`${each.file} ${each.title} ${each.tag ?? ''} ${each.outcome ?? ''} ${each.operator ?? ''}`),
  )
  const room = size.body - 2
  const cursor = useCursor('logs', list.length, room)
  const chosen = list[cursor.index]
  useKeys({
    place: 'logs',
    off: { open: chosen === undefined && !filter.writing ? 'there is no log to read' : null },
    handlers: {
      ...cursor.handlers,
      open: () =>
        chosen &&
        go({
          do: 'open',
          screen: { place: 'reader', title: chosen.file, load: () => deck.log(chosen.file), atEnd: false },
        }),
      copy: () =>
        chosen && void stage.attempt(() => deck.copy(chosen.file)).then(() => stage.toast(`Copied ${chosen.file}.`)),
      ...filter.handlers,
    },
    ...(filter.write ? { write: filter.write } : {}),
  })
  const first = windowStart(cursor.index, list.length, room)
  const tags = columnOf(
    list.map((each) => each.tag ?? ''),
    18,
  )
  const says = columnOf(
    list.map((each) => outcomeOf(each, size.left)),
    14,
  )
  const rows = list
    .slice(first, first + room)
    .map((each, index) => row(each, titleOf(each, deck), first + index === cursor.index, size.left, tags, says))
  const none = filter.text === '' ? '  No deploy log yet. Every deploy writes one.' : '  Nothing like that.'
  const body: Line[] = [
    spread(strong(`  ${filter.title('Deploy logs')}`), muted(`${list.length} of ${all.length}`), size.left - 2),
    ...(logs.ok
      ? []
      : [
          line(
            '  ',
            unknownLine(logs, look.checking.has('logs'), new Date(look.facts.at), () => empty),
          ),
        ]),
    ...(logs.ok && list.length === 0 ? [muted(none)] : []),
    ...rows,
  ]
  return (
    <Page
      crumb="Logs"
      right={lookedAt(look)}
      body={body}
      detail={() => (chosen ? detail(chosen, size.pane) : [])}
      footer={
        filter.writing
          ? writingFooter()
          : footer({ place: 'logs', situation, columns: size.columns, labels: { open: 'read' } })
      }
    />
  )
}

/** How it ended; the word alone where there is no room for how. */
function outcomeOf(each: DeployLogEntry, columns: number): string {
  const says = each.outcome ?? each.type ?? ''
  return columns < 66 ? says.replace(/ \(.*\)$/, '') : says
}

/** Every log of this project would begin with its name, and those written by hand often say that they are one. */
function titleOf(each: DeployLogEntry, { project, environment }: Pick<Deck, 'project' | 'environment'>): string {
  return (each.title === '' ? each.slug : each.title)
    .replace(/^Deploy log: /i, '')
    .replace(`${project} / ${environment}: `, '')
}

function row(
  each: DeployLogEntry,
  title: string,
  selected: boolean,
  columns: number,
  tags: number,
  says: number,
): Line {
  const room = Math.max(10, columns - 2 - 10 - 2 - (tags > 0 ? tags + 2 : 0) - (says > 0 ? says + 2 : 0) - 2)
  return line(
    t(selected ? `${glyph.pointer} ` : '  ', 'key'),
    cells([
      { content: line(each.date), columns: 10 },
      { content: t(title, 'text', selected), columns: room },
      { content: line(each.tag ?? ''), columns: tags },
      { content: muted(outcomeOf(each, columns)), columns: says },
    ]),
  )
}

function detail(each: DeployLogEntry, columns: number): Line[] {
  const pairs = [
    ['File', each.file],
    ['Tag', each.tag],
    ['Commit', each.commit?.slice(0, 12)],
    ['BUILD_ID', each.buildId?.slice(0, 36)],
    ['Version', each.version],
    ['Type', each.type],
    ['Outcome', each.outcome],
    ['By', each.operator],
    ['Backup', each.backup],
    ['Back to', each.rollbackTarget],
    ['Run', each.run],
  ] as const
  return [
    ...wrap(each.title, columns).map(strong),
    empty,
    ...pairs.flatMap(([name, value]) =>
      value ? wrap(value, columns - 10).map((text, index) => line(pad(muted(index === 0 ? name : ''), 10), text)) : [],
    ),
  ]
}
