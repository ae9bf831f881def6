import { age, size as bytes } from '../../core/age.ts'
import type { ListedBackup } from '../../core/backup.ts'
import {
  doubtsOf,
  missingKinds,
  summarize,
  verdictOf,
  type KindSummary,
  type KindVerdict,
} from '../../core/backup-summary.ts'
import type { Deck, DeckFacts } from '../../core/deck.ts'
import type { Session } from '../../core/facts.ts'
import { count } from '../../core/next-actions.ts'
import { columnOf, empty, fit, line, muted, pad, widthOf, type Line } from '../line.ts'
import { bad, good, open, unknownLine, warn } from '../words.ts'

export type BackupsLook = DeckFacts & {
  now: Date
  /** Columns of the middle of a row, and of a whole one. */
  room: number
  columns: number
  /** How many kinds there is room for. */
  most: number
  freshMs: Deck['freshMs']
}

/** A row's middle and its status. */
type Told = { says: Line; status: Line }

/** Each kind by its last proven backup: how old, how large, how far proven; those that want a look come first. */
export function backupRows(look: BackupsLook): Told[] {
  const { facts, checking, now } = look
  if (!facts.backups.ok)
    return [{ says: unknownLine(facts.backups, checking.has('backups'), now, () => empty), status: empty }]
  const all = summarize(facts.backups.value, now).map((summary) => ({
    summary,
    verdict: verdictOf(summary, look.freshMs(summary.kind), now),
  }))
  const none = missingKinds(
    all.map(({ summary }) => summary),
    look.freshMs,
  ).map((kind) => ({ says: line(pad(line(kind), 8), '  none yet'), status: warn('due') }))
  if (all.length + none.length === 0) return [{ says: line('None yet. b makes the first.'), status: empty }]
  const room = Math.max(1, look.most - none.length)
  const shown = all.length <= room ? all : all.toSorted(byTone).slice(0, Math.max(1, room - 1))
  const session = facts.session.ok ? facts.session.value : null
  const says = wordings(
    shown.map(({ summary }) => summary),
    look,
  )
  const rest = all.length - shown.length
  return [
    ...none.slice(0, look.most),
    ...shown.map(({ summary, verdict }, index) => ({
      says: says[index] ?? empty,
      status: statusOf(summary, verdict, session),
    })),
    ...(rest === 0 ? [] : [{ says: muted(`${count(rest, 'more kind')}; B lists every backup`), status: empty }]),
  ]
}

/** Warnings that stay until somebody has looked. */
export function doubtRows({ facts, now, columns }: BackupsLook): Line[] {
  if (!facts.backups.ok) return []
  return doubtsOf(summarize(facts.backups.value, now)).map((doubt) => fit(line('  ', warn(doubt)), columns - 2))
}

const TONES: readonly KindVerdict['tone'][] = ['bad', 'warn', 'open', 'good']

type Judged = { summary: KindSummary; verdict: KindVerdict }

/** What wants a look first; then the baseline, without which no glass can be broken. */
function byTone(a: Judged, b: Judged): number {
  return rank(a) - rank(b)
}

function rank({ summary, verdict }: Judged): number {
  const own = TONES.indexOf(verdict.tone)
  return summary.kind === 'baseline' ? Math.min(own, TONES.indexOf('open') - 0.5) : own
}

/** One wording for all of them, so that the columns stay under each other. */
function wordings(kinds: readonly KindSummary[], { now, room }: BackupsLook): Line[] {
  const told = kinds.map(({ proven, newest }) => proven ?? newest)
  const ages = told.map((backup) => age(backup.at, now))
  const wide = columnOf(ages, 12)
  const all = told.map((backup, index) => {
    const when = pad(line(ages[index] ?? ''), wide)
    const kind = pad(line(backup.kind), 8)
    const weight = pad(line(backup.bytes === 0 ? 'no data' : bytes(backup.bytes)), 7)
    const rung = proofWords(backup, now)
    return [
      line(kind, '  ', when, '  ', weight, '  ', rung),
      line(kind, ' ', when, '  ', weight, '  ', backup.rung),
      line(kind, ' ', when, '  ', backup.rung),
      line(kind, ' ', when),
    ]
  })
  const which = [0, 1, 2].find((index) => all.every((each) => widthOf(each[index] ?? empty) < room)) ?? 3
  return all.map((each) => each[which] ?? empty)
}

/** A proof that was given later than the backup was made has a date of its own. */
function proofWords(backup: ListedBackup, now: Date): string {
  const later = backup.provenAt !== null && age(backup.provenAt, now) !== age(backup.at, now)
  return later && backup.provenAt !== null ? `${backup.rung} ${age(backup.provenAt, now)}` : backup.rung
}

function statusOf(summary: KindSummary, { tone, says }: KindVerdict, session: Session | null): Line {
  if (tone === 'bad') return bad(says)
  if (tone === 'warn') return warn(says)
  if (tone === 'open') return open(says)
  const { newest, kind } = summary
  if (session?.backups.includes(newest.id) === true) return good('this session')
  if (kind !== 'quick') return good(says)
  // A deploy's own backup is newer than the session, and still does not count as the operator's.
  return open(session !== null && newest.at >= session.startedAt ? 'made by a run' : 'earlier session')
}
