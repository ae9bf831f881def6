import { useEffect, useState, type ReactNode } from 'react'
import { moment } from '../../core/age.ts'
import type { AuditView } from '../../core/deck.ts'
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
import { lookedAt } from '../words.ts'
import { windowStart } from '../window.ts'

/** The audit log in plain words, newest first. */
export function Activity(): ReactNode {
  const stage = useStage()
  const { deck, situation } = stage
  const size = useSize()
  const look = useStore(deck.facts)
  const now = new Date(look.facts.at)
  const [all, setAll] = useState<readonly AuditView[] | null>(null)
  const filter = useFilter('activity')
  useEffect(() => {
    let gone = false
    void stage
      .attempt(() => deck.activity())
      .then((found) => !gone && setAll((found ?? []).toSorted((a, b) => b.at.localeCompare(a.at))))
    return () => {
      gone = true
    }
    // oxlint-disable-next-line react/exhaustive-deps -- read again with every fresh look at the facts
  }, [look.facts])
  const list = (all ?? []).filter((each) => filter.matches(`${each.says} ${each.actor} ${each.event} ${each.subject}`))
  const room = size.body - 2
  const cursor = useCursor('activity', list.length, room)
  const chosen = list[cursor.index]
  useKeys({
    place: 'activity',
    handlers: {
      ...cursor.handlers,
      copy: () =>
        chosen && void stage.attempt(() => deck.copy(chosen.says)).then(() => stage.toast('Copied the line.')),
      ...filter.handlers,
    },
    ...(filter.write ? { write: filter.write } : {}),
  })
  const first = windowStart(cursor.index, list.length, room)
  const who = columnOf(
    list.map((each) => each.actor),
    12,
  )
  const rows = list
    .slice(first, first + room)
    .map((each, index) => row(each, first + index === cursor.index, size.left, who, now))
  const body: Line[] = [
    spread(
      strong(`  ${filter.title('Activity')}`),
      muted(all === null ? '' : `${list.length} of ${all.length}`),
      size.left - 2,
    ),
    ...(all === null
      ? [muted('  checking…')]
      : list.length === 0
        ? [muted(filter.text === '' ? '  Nothing was recorded yet.' : '  Nothing like that.')]
        : []),
    ...rows,
  ]
  return (
    <Page
      crumb="Activity"
      right={lookedAt(look)}
      body={body}
      detail={() => (chosen ? detail(chosen, size.pane) : [])}
      footer={
        filter.writing
          ? writingFooter()
          : footer({ place: 'activity', situation, columns: size.columns, without: ['open'] })
      }
    />
  )
}

function row(each: AuditView, selected: boolean, columns: number, who: number, now: Date): Line {
  const role = each.legacy ? 'muted' : each.outcome === 'failed' ? 'danger' : 'text'
  return line(
    t(selected ? `${glyph.pointer} ` : '  ', 'key'),
    cells([
      { content: muted(moment(each.at, now)), columns: 12 },
      { content: line(each.actor), columns: who },
      {
        content: t(each.says, role, selected),
        columns: Math.max(10, columns - 2 - 12 - 2 - (who > 0 ? who + 2 : 0) - 2),
      },
    ]),
  )
}

function detail(each: AuditView, columns: number): Line[] {
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
