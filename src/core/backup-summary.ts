import { stretch } from './age.ts'
import type { BackupKind, ListedBackup } from './backup.ts'
import { freshness } from './freshness.ts'
import { KINDS } from './kinds.ts'
import { compareRungs } from './proof.ts'

/** What there is of one kind. `proven` is the newest one that holds and was proven; null when none ever was. */
export type KindSummary = {
  kind: BackupKind
  newest: ListedBackup
  proven: ListedBackup | null
  count: number
}

/** What there is of each kind, in the order of KINDS; kinds without any are left out. */
export function summarize(backups: readonly ListedBackup[], now: Date): KindSummary[] {
  const found = new Map<BackupKind, KindSummary>()
  for (const backup of backups) {
    const known = found.get(backup.kind)
    const proven = isProven(backup, now) ? backup : null
    if (known === undefined) found.set(backup.kind, { kind: backup.kind, newest: backup, proven, count: 1 })
    else {
      known.count += 1
      if (isLater(backup, known.newest)) known.newest = backup
      if (proven !== null && (known.proven === null || isLater(proven, known.proven))) known.proven = proven
    }
  }
  return Object.values(KINDS).flatMap(({ kind }) => found.get(kind) ?? [])
}

/** How much of an operator's attention a kind wants, and why in a few words. */
export type KindVerdict = { tone: 'bad' | 'warn' | 'open' | 'good'; says: string }

/** What to think of a kind's backups; `freshMs` null: it is never called stale. */
export function verdictOf(summary: KindSummary, freshMs: number | null, now: Date): KindVerdict {
  const { newest, proven, kind } = summary
  if (newest.state !== 'ok') return { tone: 'bad', says: `newest ${newest.state}` }
  if (proven === null) return { tone: 'open', says: 'not verified' }
  if ((newest.doubts ?? []).length > 0) return { tone: 'warn', says: 'in doubt' }
  if (kind === 'baseline') return { tone: 'good', says: 'frozen' }
  if (freshMs !== null && freshness([proven], kind, freshMs, now).stale)
    return { tone: 'warn', says: `older than ${stretch(freshMs)}` }
  if (proven !== newest) return { tone: 'open', says: 'newest not verified' }
  return freshMs === null ? { tone: 'good', says: 'proven' } : { tone: 'good', says: 'fresh' }
}

/** Every doubt about the newest backup of a kind, one sentence each. */
export function doubtsOf(summaries: readonly KindSummary[]): string[] {
  return summaries.flatMap(({ newest }) => (newest.doubts ?? []).map((doubt) => `${newest.id}: ${doubt}`))
}

/** One dated in the future proves nothing about now. */
function isProven(backup: ListedBackup, now: Date): boolean {
  return (
    backup.state === 'ok' &&
    compareRungs(backup.rung, 'found') > 0 &&
    Date.parse(backup.at) <= now.getTime() + CLOCKS_DIFFER_MS
  )
}

const CLOCKS_DIFFER_MS = 60_000

const isLater = (one: ListedBackup, other: ListedBackup): boolean => Date.parse(one.at) > Date.parse(other.at)
