import type { ReactNode } from 'react'
import { age } from '../../core/age.ts'
import type { ListedBackup } from '../../core/backup.ts'
import type { BackupDetail, DeckRequest } from '../../core/deck.ts'
import { width, wrap } from '../../core/text.ts'
import { useKeys } from '../layers.ts'
import { cells, columnOf, empty, fit, line, muted, spread, strong, t, type Line } from '../line.ts'
import { footer } from '../parts/footer.ts'
import { Page } from '../parts/page.tsx'
import { useRemembered, useSize, useStage } from '../stage.ts'
import { glyph } from '../theme.ts'
import { useBackup } from '../use-backup.ts'
import { useCursor } from '../use-cursor.ts'
import { useLook } from '../use-look.ts'
import { review, reviewed } from '../verbs.ts'
import { lookedAt, open, sinceThen, stateLine, warn } from '../words.ts'
import { windowStart } from '../window.ts'
import { detailLines } from './show-lines.ts'

type Offered = BackupDetail['restores'][number]

/** What of a backup to put back. Nothing happens here: enter opens the plan for review. */
export function Restore({ id }: { id: string }): ReactNode {
  const stage = useStage()
  const { situation } = stage
  const size = useSize()
  const { look, now, failed } = useLook()
  const seen = useBackup(id, 0)
  const [left, setLeft] = useRemembered<readonly string[]>(`restore without ${id}`, [])
  const [flush, setFlush] = useRemembered(`restore flush ${id}`, false)
  const offered = seen.detail?.restores ?? []
  const taken = offered.filter(({ source, can }) => can && !left.includes(source)).map(({ source }) => source)
  const cursor = useCursor(`restore ${id}`, offered.length, size.body)
  const chosen = offered[cursor.index]
  const redis = look.facts.sources.some((source) => source.use === 'redis')

  const off = {
    choose: chosen === undefined ? 'there is nothing to choose' : chosen.can ? null : `${chosen.source}: ${chosen.why}`,
    flush: redis ? null : 'no Redis is configured',
    beside:
      seen.detail === null
        ? 'it is being read'
        : taken.length === 0 && offered.some(({ can }) => can)
          ? 'no source is chosen; space takes one'
          : null,
    open:
      seen.detail === null ? 'it is being read' : taken.length === 0 ? 'no source is chosen; space takes one' : null,
  }
  const only = (): string[] => (taken.length === offered.filter(({ can }) => can).length ? [] : taken)
  const request = (): DeckRequest => ({ op: 'restore', id, only: only(), flushRedis: flush, acceptSchema: false })
  const beside = (): void =>
    stage.go({
      do: 'over',
      overlay: {
        place: 'form',
        title: `Put ${id} beside`,
        says: ['A folder, from the top of the repository; or $NAME of a variable that holds the URL of a database.'],
        fields: [{ id: 'to', label: 'Where', required: true }],
        submit: ({ to = '' }) => reviewed(stage, { op: 'restore', id, only: only(), to }),
      },
    })
  const toggle = ({ source }: Offered): void =>
    setLeft((old) => (old.includes(source) ? old.filter((each) => each !== source) : [...old, source]))
  useKeys({
    place: 'restore',
    off,
    handlers: {
      ...cursor.handlers,
      choose: () => chosen && toggle(chosen),
      beside,
      flush: () => setFlush((old) => !old),
      open: () => void review(stage, request()),
    },
  })

  const backup = seen.detail?.backup
  const names = columnOf(
    offered.map(({ source }) => source),
    20,
  )
  const whole = chosen === undefined || width(chosen.why) <= whyColumns(size.left, names) ? [] : [chosen]
  const about =
    backup === undefined
      ? []
      : [...whole.flatMap((each) => wholeWhy(each, size.left - 4)), ...aboutLines(backup, taken, size.left - 4, now)]
  const flushed = redis ? [muted(`  Redis is ${flush ? 'flushed with it' : 'left as it is'}; f changes that.`)] : []
  const room = Math.max(1, size.body - 3 - about.length - flushed.length)
  const first = windowStart(cursor.index, offered.length, room)
  const body: Line[] = [
    spread(
      strong(`  Put back from ${id}`),
      backup === undefined ? empty : stateLine(backup, size.left - 20 - id.length),
      size.left - 2,
    ),
    ...(seen.failed === null ? (seen.detail === null ? [muted('  checking…')] : []) : [line('  ', warn(seen.failed))]),
    ...(seen.detail !== null && offered.length === 0 ? [muted('  It holds nothing that a restore puts back.')] : []),
    ...sourceRows(offered, taken, cursor.index, size.left, names).slice(first, first + room),
    ...flushed,
    empty,
    ...about.map((each) => line('  ', each)),
  ]
  return (
    <Page
      crumb="Restore"
      right={lookedAt(look)}
      body={body}
      detail={() =>
        backup === undefined ? [] : detailLines(backup, seen, { now, failed, columns: size.pane, manifest: true })
      }
      footer={footer({
        place: 'restore',
        situation,
        columns: size.columns,
        off,
        labels: { open: 'review the plan' },
        without: redis ? ['copy'] : ['copy', 'flush'],
      })}
    />
  )
}

const whyColumns = (columns: number, names: number): number => columns - names - 10

/** What is cut in its row. */
function wholeWhy({ source, why }: Offered, columns: number): Line[] {
  return [...wrap(`${source}: ${why}`, columns).map((text) => line(text)), empty]
}

function sourceRows(
  offered: readonly Offered[],
  taken: readonly string[],
  at: number,
  columns: number,
  names: number,
): Line[] {
  return offered.map(({ source, can, why }, index) =>
    fit(
      line(
        t(index === at ? `${glyph.pointer} ` : '  ', 'key'),
        cells([
          { content: can ? line(taken.includes(source) ? '[x]' : '[ ]') : muted('  -'), columns: 3 },
          { content: t(source, can ? 'text' : 'muted', index === at), columns: names },
          { content: can ? line(why) : muted(why), columns: whyColumns(columns, names) },
        ]),
      ),
      columns - 1,
    ),
  )
}

/** What is lost, how it is undone, and how far the backup was proven. */
function aboutLines(backup: ListedBackup, taken: readonly string[], columns: number, now: Date): Line[] {
  const part = (says: string, first: (text: string) => Line): Line[] =>
    wrap(says, columns - 2).map((text, index) => (index === 0 ? first(text) : line(`  ${text}`)))
  const proof =
    backup.rung === 'restored' && backup.provenAt !== null
      ? []
      : part('It was never restored yet: V in the list proves that it can be.', open)
  return [
    ...(taken.length === 0
      ? []
      : part(`Lost: what was written to ${taken.join(', ')} since ${sinceThen(backup.at, now)}.`, warn)),
    ...(backup.doubts ?? []).flatMap((doubt) => part(doubt, warn)),
    ...proof,
    ...part('What stands now is backed up first and kept beside: the restore can be swapped back.', open),
    muted(`made ${age(backup.at, now)}${backup.operator === null ? '' : ` by ${backup.operator}`}`),
  ]
}
