import { useEffect, useState, type ReactNode } from 'react'
import { age, size as bytes } from '../../core/age.ts'
import { count } from '../../core/next-actions.ts'
import type { RetentionRow } from '../../core/retention.ts'
import { wrap } from '../../core/text.ts'
import { useKeys } from '../layers.ts'
import { cells, columnOf, empty, line, muted, spread, strong, t, type Line } from '../line.ts'
import { footer } from '../parts/footer.ts'
import { Page } from '../parts/page.tsx'
import { useSize, useStage } from '../stage.ts'
import { glyph } from '../theme.ts'
import { useBackup } from '../use-backup.ts'
import { useCursor } from '../use-cursor.ts'
import { useLook } from '../use-look.ts'
import { review } from '../verbs.ts'
import { lookedAt } from '../words.ts'
import { windowStart } from '../window.ts'
import { detailLines } from './show-lines.ts'

const RESTED_MS = 150

/** What retention would remove and what it keeps, a reason on every row; enter opens the plan for review. */
export function Prune(): ReactNode {
  const stage = useStage()
  const { deck, situation } = stage
  const size = useSize()
  const { look, now, failed } = useLook()
  const [rows, setRows] = useState<readonly RetentionRow[] | null>(null)
  useEffect(() => {
    let gone = false
    const read = async (): Promise<void> => {
      const found = await stage.attempt(() => deck.retention(null))
      // What goes is what must be read; the rest follows in its order.
      if (!gone && found !== null) setRows(found.toSorted((a, b) => Number(a.keep) - Number(b.keep)))
    }
    void read()
    return () => {
      gone = true
    }
    // oxlint-disable-next-line react/exhaustive-deps -- looked up again with every fresh look at the facts
  }, [look.facts])

  const list = rows ?? []
  const going = list.filter((row) => !row.keep)
  // Beside a list that is not wide the whole reason stands below it.
  const room = Math.max(1, size.body - 1 - (size.pane > 0 ? 0 : 3))
  const cursor = useCursor('prune', list.length, room)
  const chosen = list[cursor.index]
  const seen = useBackup(size.pane > 0 ? (chosen?.backup.id ?? null) : null, RESTED_MS)
  const off = {
    open: rows === null ? 'it is being looked up' : going.length === 0 ? 'nothing is beyond what is kept' : null,
  }
  useKeys({
    place: 'prune',
    off,
    handlers: {
      ...cursor.handlers,
      open: () => void review(stage, { op: 'prune', kind: null }),
      copy: () =>
        chosen &&
        void stage.attempt(() => deck.copy(chosen.backup.id)).then(() => stage.toast(`Copied ${chosen.backup.id}.`)),
    },
  })
  const first = windowStart(cursor.index, list.length, room)
  const title = rows === null ? 'What retention removes' : goingWords(going)
  const body: Line[] = [
    spread(strong(`  ${title}`), muted(rows === null ? '' : `${list.length - going.length} stay`), size.left - 2),
    ...(rows === null ? [muted('  checking…')] : []),
    ...(rows !== null && list.length === 0 ? [muted('  No backup yet, so there is nothing to prune.')] : []),
    ...rowsOf(list.slice(first, first + room), cursor.index - first, size.left, now),
    ...(chosen === undefined || size.pane > 0
      ? []
      : [empty, ...whyLines(chosen, size.left - 4).map((each) => line('  ', each))]),
  ]
  return (
    <Page
      crumb="Prune"
      right={lookedAt(look)}
      body={body}
      detail={() =>
        chosen === undefined
          ? []
          : [
              ...whyLines(chosen, size.pane),
              empty,
              ...detailLines(chosen.backup, seen, { now, failed, columns: size.pane, manifest: false }),
            ]
      }
      footer={footer({
        place: 'prune',
        situation,
        columns: size.columns,
        off,
        labels: { open: 'review the plan' },
      })}
    />
  )
}

function whyLines({ backup, keep, because }: RetentionRow, columns: number): Line[] {
  const weight = backup.bytes === 0 ? '' : `, ${bytes(backup.bytes)},`
  const says = `${backup.id}${weight} ${keep ? 'stays' : 'goes'}: ${because}`
  return wrap(says, columns)
    .slice(0, 2)
    .map((text) => line(text))
}

function goingWords(going: readonly RetentionRow[]): string {
  if (going.length === 0) return 'Nothing would go'
  const weight = going.reduce((sum, row) => sum + row.backup.bytes, 0)
  return `${count(going.length, 'backup')} would go${weight === 0 ? '' : `, ${bytes(weight)}`}`
}

function rowsOf(rows: readonly RetentionRow[], selected: number, columns: number, now: Date): Line[] {
  const ids = columnOf(
    rows.map((row) => row.backup.id),
    columns < 76 ? 20 : 28,
  )
  const when = columnOf(
    rows.map((row) => age(row.backup.at, now)),
    11,
  )
  return rows.map(({ backup, keep, because }, index) =>
    line(
      t(index === selected ? `${glyph.pointer} ` : '  ', 'key'),
      cells([
        { content: keep ? t(`${glyph.ok} stays`, 'ok') : t(`${glyph.bad} goes`, 'danger'), columns: 7 },
        { content: t(backup.id, 'text', index === selected), columns: ids },
        { content: line(age(backup.at, now)), columns: when },
        { content: keep ? muted(because) : line(because), columns: Math.max(10, columns - ids - when - 16) },
      ]),
    ),
  )
}
