import { age, moment, size as bytes } from '../../core/age.ts'
import type { ListedBackup } from '../../core/backup.ts'
import type { KeptCopy } from '../../core/deck.ts'
import { count } from '../../core/next-actions.ts'
import { cells, columnOf, empty, firstFit, line, muted, t, type Line } from '../line.ts'
import { glyph } from '../theme.ts'
import { open, stateLine, warn } from '../words.ts'

/** What the filter looks into; made once for a list, which may be long. */
export function searched(backup: ListedBackup): string {
  const { id, kind, rung, state, commit, commitSubject, notes, operator, path } = backup
  const doubt = (backup.doubts ?? []).length > 0 ? 'doubt' : ''
  return [id, kind, rung, state, commit ?? '', commitSubject ?? '', notes ?? '', operator ?? '', path, doubt]
    .join(' ')
    .toLowerCase()
}

/** "12 of 214, 3.4 GB". */
export function counted(shown: readonly ListedBackup[], all: number): string {
  const weight = shown.reduce((sum, backup) => sum + backup.bytes, 0)
  const number = shown.length === all ? count(all, 'backup') : `${shown.length} of ${all}`
  return weight === 0 ? number : `${number}, ${bytes(weight)}`
}

/** The rows that are seen, and no others: there may be thousands. */
export function backupRows(
  rows: readonly ListedBackup[],
  selected: number,
  columns: number,
  { now, failed }: { now: Date; failed: ReadonlyMap<string, string> },
): Line[] {
  const kinds = columns < 76 ? 0 : 8
  const ids = Math.max(
    12,
    columnOf(
      rows.map((row) => row.id),
      columns < 66 ? 20 : 28,
    ),
  )
  const when = columnOf(
    rows.map((row) => whenOf(row, now)),
    12,
  )
  const states = Math.max(8, columns - 2 - ids - 2 - (kinds === 0 ? 0 : kinds + 2) - when - 2 - WEIGHT - 2 - 1)
  return rows.map((row, index) =>
    line(
      t(index === selected ? `${glyph.pointer} ` : '  ', 'key'),
      cells([
        { content: t(row.id, row.state === 'ok' ? 'text' : 'muted', index === selected), columns: ids },
        { content: muted(row.kind), columns: kinds },
        { content: line(whenOf(row, now)), columns: when },
        { content: line(row.bytes === 0 ? '' : bytes(row.bytes)), columns: WEIGHT, align: 'right' },
        { content: standing(row, failed.has(row.commit ?? ''), states), columns: states },
      ]),
    ),
  )
}

/** What restores replaced and still keep: the newest, and how many more there are; nothing where there is none. */
export function keptLines(kept: readonly KeptCopy[], columns: number, now: Date): Line[] {
  const [newest] = kept
  if (newest === undefined) return []
  const more = kept.length === 1 ? '' : `, the newest of ${kept.length}`
  const held = newest.bytes > 0 ? `, ${bytes(newest.bytes)} of files` : ''
  const says = (what: string): Line =>
    line(
      '  ',
      open(`Kept from a restore ${age(newest.at, now)}${more}: ${what}${held}. `),
      t('x', 'key'),
      ' removes it.',
    )
  return [
    empty,
    firstFit(
      [
        says(newest.what.join(', ')),
        says(count(newest.what.length, 'thing')),
        line('  ', open('A restore still keeps what it replaced. '), t('x', 'key'), ' removes it.'),
      ],
      columns - 1,
    ),
  ]
}

/** That the backups take much room. */
export function roomLines(warnings: readonly string[]): Line[] {
  return warnings.length === 0 ? [] : [empty, ...warnings.map((says) => line('  ', warn(says)))]
}

/** What was proven of it; that it is of a release that failed stands before that. */
function standing(row: ListedBackup, failed: boolean, columns: number): Line {
  if (!failed || row.state !== 'ok') return stateLine(row, columns)
  return firstFit(
    [warn(`of a failed release, ${row.rung}`), warn('of a failed release'), warn('failed release'), warn('failed')],
    columns,
  )
}

const WEIGHT = 7

/** The age while it says more than the date. */
function whenOf(row: ListedBackup, now: Date): string {
  const days = (now.getTime() - Date.parse(row.at)) / 86_400_000
  return days < 100 ? age(row.at, now) : moment(row.at, now)
}
