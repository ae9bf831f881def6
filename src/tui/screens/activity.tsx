import { useEffect, useMemo, useState, type ReactNode } from 'react'
import type { AuditView } from '../../core/deck.ts'
import { useKeys } from '../layers.ts'
import { muted, spread, strong, type Line } from '../line.ts'
import { footer, writingFooter } from '../parts/footer.ts'
import { Page } from '../parts/page.tsx'
import { useSize, useStage } from '../stage.ts'
import { useCursor } from '../use-cursor.ts'
import { useFilter } from '../use-filter.ts'
import { useStore } from '../use-store.ts'
import { lookedAt } from '../words.ts'
import { windowStart } from '../window.ts'
import { activityLines, activityRow, activityText, columnsOf } from './activity-rows.ts'

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
  const at = useMemo(() => columnsOf(all ?? [], new Date(look.facts.at)), [all, look.facts.at])
  const room = size.body - 2
  const cursor = useCursor('activity', list.length, room)
  const chosen = list[cursor.index]
  useKeys({
    place: 'activity',
    off: { open: chosen === undefined && !filter.writing ? 'there is nothing to read' : null },
    handlers: {
      ...cursor.handlers,
      copy: () =>
        chosen && void stage.attempt(() => deck.copy(chosen.says)).then(() => stage.toast('Copied the line.')),
      open: () => chosen && read(chosen),
      ...filter.handlers,
    },
    ...(filter.write ? { write: filter.write } : {}),
  })
  function read(each: AuditView): void {
    const load = (): Promise<string[]> => Promise.resolve(activityText(each, size.columns - 4))
    stage.go({ do: 'open', screen: { place: 'reader', title: `Activity of ${each.at}`, load, atEnd: false } })
  }
  const first = windowStart(cursor.index, list.length, room)
  const rows = list
    .slice(first, first + room)
    .map((each, index) => activityRow(each, first + index === cursor.index, size.left, at, now))
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
      detail={() => (chosen ? activityLines(chosen, size.pane) : [])}
      footer={filter.writing ? writingFooter() : footer({ place: 'activity', situation, columns: size.columns })}
    />
  )
}
