import { useState, type ReactNode } from 'react'
import { age, size as bytes } from '../../core/age.ts'
import type { BackupKind, ListedBackup } from '../../core/backup.ts'
import { wrap } from '../../core/text.ts'
import { useKeys } from '../layers.ts'
import { cells, columnOf, empty, line, muted, pad, strong, t, type Line } from '../line.ts'
import { choices } from '../parts/choices.tsx'
import { footer } from '../parts/footer.ts'
import { Page, type Row } from '../parts/page.tsx'
import { useSize, useStage } from '../stage.ts'
import { glyph } from '../theme.ts'
import { useStore } from '../use-store.ts'
import { startNow } from '../verbs.ts'
import { bad, good, lookedAt, open, unknownLine } from '../words.ts'

type Choice = { kind: BackupKind; saves: string; best: string; risk: string }

/** The kinds an operator can make by hand; the artefact of a release is archived by its deploy. */
const CHOICES: readonly (Choice & { kind: 'quick' })[] = [
  {
    kind: 'quick',
    saves: 'the commit that is live, kept safe from garbage collection here and on the remote',
    best: 'before every deploy: instant, and a rollback to it needs no copying',
    risk: 'holds no data: what users wrote cannot be brought back with it',
  },
]

/** What each kind saves, what there is, and b makes one. */
export function Backup(): ReactNode {
  const stage = useStage()
  const size = useSize()
  const look = useStore(stage.deck.facts)
  const now = new Date(look.facts.at)
  const [kind, setKind] = useState<string>('quick')
  const chosen = CHOICES.find((each) => each.kind === kind) ?? CHOICES[0]

  const start = (): void => void startNow(stage, { op: 'backup', kind: 'quick' }, 'Backup started. s stops it.')
  useKeys({
    place: 'backup',
    handlers: { startBackup: start, open: () => stage.toast('b starts the backup.') },
  })

  const list = look.facts.backups
  const rows = list.ok ? list.value.toSorted((a, b) => b.at.localeCompare(a.at)) : []
  const session = look.facts.session.ok ? (look.facts.session.value?.backups ?? []) : []
  const head: Row[] = [
    strong('  Make'),
    choices({
      choices: CHOICES.map((each) => ({ id: each.kind, says: `${each.kind}   ${lastOf(rows, each.kind, now)}` })),
      onSelect: () => stage.toast('b starts the backup.'),
      onHighlight: setKind,
    }),
    empty,
    ...(chosen ? about(chosen, size.left) : []),
    empty,
  ]
  const used = head.reduce((sum, row) => sum + ('rows' in row ? row.rows : 1), 0)
  const body: Row[] = [
    ...head,
    strong('  Kept'),
    ...(list.ok
      ? kept(rows, session, now, size.left).slice(0, Math.max(0, size.body - used - 1))
      : [
          line(
            '  ',
            unknownLine(list, look.checking.has('backups'), now, () => empty),
          ),
        ]),
    ...(list.ok && rows.length === 0 ? [muted('  No backup yet. b makes the first.')] : []),
  ]
  return (
    <Page
      crumb="Back up"
      right={lookedAt(look)}
      body={body}
      footer={footer({ place: 'backup', situation: stage.situation, columns: size.columns, without: ['open'] })}
      detail={() => detail(rows, size.pane)}
    />
  )
}

function lastOf(rows: readonly ListedBackup[], kind: string, now: Date): string {
  const last = rows.find((row) => row.kind === kind)
  return last === undefined ? 'none yet' : `last ${age(last.at, now)}`
}

function about(choice: Choice, columns: number): Line[] {
  const part = (name: string, says: string): Line[] =>
    wrap(says, columns - 14).map((text, index) => line('  ', pad(muted(index === 0 ? name : ''), 9), text))
  return [...part('Saves', choice.saves), ...part('Best', choice.best), ...part('Risk', choice.risk)]
}

function kept(rows: readonly ListedBackup[], session: readonly string[], now: Date, columns: number): Line[] {
  const ids = columnOf(
    rows.map((row) => row.id),
    columns < 76 ? 20 : 26,
  )
  return rows.map((row) =>
    line(
      '  ',
      cells([
        { content: line(row.id), columns: ids },
        { content: line(age(row.at, now)), columns: 10, align: 'right' },
        { content: line(row.bytes === 0 ? '' : bytes(row.bytes)), columns: 7, align: 'right' },
        { content: state(row, session), columns: Math.max(8, columns - ids - 27) },
      ]),
    ),
  )
}

function state(row: ListedBackup, session: readonly string[]): Line {
  if (row.state !== 'ok') return bad(`${row.state}: ${row.because ?? 'not usable'}`)
  if (row.rung === 'found') return open('found, not verified')
  return session.includes(row.id) ? good(`${row.rung}, this session`) : good(row.rung)
}

function detail(rows: readonly ListedBackup[], columns: number): Line[] {
  const newest = rows[0]
  if (newest === undefined) return [muted('Nothing kept yet.')]
  const pairs = [
    ['Id', newest.id],
    ['Commit', newest.commit?.slice(0, 7) ?? 'none'],
    ['Subject', newest.commitSubject ?? ''],
    ['Schema', newest.schemaRevision ?? 'unknown'],
    ['By', newest.operator ?? 'unknown'],
    ['Notes', newest.notes ?? ''],
    ['Proof', `${newest.rung}${newest.provenAt === null ? '' : `, ${newest.provenAt.slice(0, 16).replace('T', ' ')}`}`],
    ['File', newest.path],
    ['SHA-256', newest.digest.slice(0, 16)],
  ] as const
  return [
    strong('Newest'),
    ...pairs
      .filter(([, value]) => value !== '')
      .flatMap(([name, value]) =>
        wrap(value, columns - 11).map((text, index) => line(pad(muted(index === 0 ? name : ''), 10), text)),
      ),
    empty,
    t(`${glyph.ok} kept outside the backup: its proofs`, 'muted'),
  ]
}
