import { age, duration, size as bytes } from '../../core/age.ts'
import type { ListedBackup } from '../../core/backup.ts'
import { verdictOf, type KindSummary } from '../../core/backup-summary.ts'
import type { KindChoice } from '../../core/deck.ts'
import { wrap } from '../../core/text.ts'
import { cells, columnOf, fit, line, muted, pad, strong, t, type Line } from '../line.ts'
import { glyph } from '../theme.ts'
import { open, sentence, stateLine, warn } from '../words.ts'

/** `listed` is false until it is known what there is of it. */
export type KindRow = { choice: KindChoice; summary: KindSummary | null; listed: boolean; stale: boolean }

/** A kind with what is known of its last one. */
export function kindRow(
  choice: KindChoice,
  backups: readonly KindSummary[] | null,
  freshMs: number | null,
  now: Date,
): KindRow {
  const summary = backups?.find((each) => each.kind === choice.spec.kind) ?? null
  const stale = summary !== null && verdictOf(summary, freshMs, now).tone === 'warn'
  return { choice, summary, listed: backups !== null, stale }
}

/** The kinds under their heading, which is the first line. */
export function kindRows(rows: readonly KindRow[], selected: number, columns: number, now: Date): Line[] {
  const lasts = Math.max(
    8,
    columnOf(
      rows.map((row) => lastOf(row, now)),
      12,
    ),
  )
  const proofs = Math.max(
    6,
    columnOf(
      rows.map((row) => proofOf(row)),
      12,
    ),
  )
  const heading = cells([
    { content: muted('last'), columns: lasts },
    { content: muted('proof'), columns: proofs },
    { content: muted('takes'), columns: 7, align: 'right' },
    { content: muted('size'), columns: 7, align: 'right' },
  ])
  const kinds = rows.map((row, index) => {
    const { spec, off, expect } = row.choice
    const start = line(
      t(index === selected ? `${glyph.pointer} ` : '  ', 'key'),
      pad(t(spec.kind, off === null ? 'text' : 'muted', index === selected), 9),
    )
    if (off !== null) return fit(line(start, muted(`off: ${off}`)), columns - 1)
    return line(
      start,
      cells([
        { content: row.stale ? t(lastOf(row, now), 'attention') : line(lastOf(row, now)), columns: lasts },
        { content: muted(proofOf(row)), columns: proofs },
        { content: line(expect.ms === null ? '' : duration(expect.ms)), columns: 7, align: 'right' },
        { content: line(expect.bytes === null ? '' : weightOf(expect.bytes)), columns: 7, align: 'right' },
      ]),
    )
  })
  return [line(pad(strong('  Make'), 11), heading), ...kinds]
}

const weightOf = (value: number): string => (value === 0 ? 'no data' : bytes(value))
const lastOf = ({ summary, listed }: KindRow, now: Date): string =>
  summary === null ? (listed ? 'none yet' : '') : age((summary.proven ?? summary.newest).at, now)
const proofOf = ({ summary }: KindRow): string =>
  summary === null ? '' : summary.proven === null ? 'not verified' : summary.proven.rung

/** What the selected kind saves, what it is for, what it does not do, and how long it takes. */
export function aboutLines(
  row: KindRow,
  redis: { offered: boolean; included: boolean },
  columns: number,
  now: Date,
): Line[] {
  const { spec, sources, off } = row.choice
  const part = (name: string, says: string): Line[] =>
    says === '' ? [] : wrap(says, columns - 9).map((text, index) => line(pad(muted(index === 0 ? name : ''), 9), text))
  const doubts = row.summary?.newest.doubts ?? []
  return [
    ...(off === null ? [] : wrap(sentence(off), columns - 2).map((text) => open(text))),
    ...part('Saves', spec.saves),
    ...part('Best', spec.best),
    ...part('Risk', spec.risk),
    ...part('Sources', sources.join(', ')),
    ...(redis.offered ? part('Redis', redis.included ? 'included; i leaves it out' : 'left out; i includes it') : []),
    ...part('Takes', off === null ? expected(row, now) : ''),
    ...lastLines(row, now, columns),
    ...doubts.flatMap((doubt) => wrap(doubt, columns - 2).map((text) => warn(text))),
  ]
}

/** The newest one, and the newest that was proven where that is another. */
function lastLines({ summary }: KindRow, now: Date, columns: number): Line[] {
  if (summary === null) return []
  const { newest, proven } = summary
  const row = (name: string, backup: ListedBackup): Line => {
    const id = `${backup.id}  ${age(backup.at, now)}  `
    return fit(line(pad(muted(name), 9), id, stateLine(backup, columns - 9 - id.length)), columns)
  }
  return [row('Last', newest), ...(proven === null || proven === newest ? [] : [row('Proven', proven)])]
}

/** How long it takes: by the last one that was timed; where none was, what can be said instead. */
function expected({ choice: { spec, expect }, summary, listed }: KindRow, now: Date): string {
  const { ms, bytes: weight } = expect
  if (ms !== null)
    return `about ${duration(ms)}${weight === null || weight === 0 ? '' : ` and ${bytes(weight)}`}, as the last one`
  if (spec.shape === 'pointer') return 'a few seconds: it copies nothing'
  if (!listed) return ''
  return summary === null
    ? 'not known: none was made here yet'
    : `not known: the last one, ${age(summary.newest.at, now)}, does not say how long it took`
}
