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

type Seen = KindSummary & { newestAt: number; provenAt: number }

/** What there is of each kind, in the order of KINDS; kinds without any are left out. */
export function summarize(backups: readonly ListedBackup[], now: Date): KindSummary[] {
  // One frame asks for the same list several times, and it may be long.
  const before = asked.get(backups)
  if (before?.now === now.getTime()) return before.kinds
  const kinds = summed(backups, now)
  asked.set(backups, { now: now.getTime(), kinds })
  return kinds
}

const asked = new WeakMap<readonly ListedBackup[], { now: number; kinds: KindSummary[] }>()

function summed(backups: readonly ListedBackup[], now: Date): KindSummary[] {
  const found = new Map<BackupKind, Seen>()
  const latest = now.getTime() + CLOCKS_DIFFER_MS
  for (const backup of backups) {
    const { kind } = backup
    const at = Date.parse(backup.at)
    const known = found.get(kind) ?? { kind, newest: backup, proven: null, count: 0, newestAt: at, provenAt: -Infinity }
    found.set(kind, known)
    known.count += 1
    if (at > known.newestAt) {
      known.newest = backup
      known.newestAt = at
    }
    // One dated in the future proves nothing about now.
    if (at > known.provenAt && at <= latest && isProven(backup)) {
      known.proven = backup
      known.provenAt = at
    }
  }
  return Object.values(KINDS).flatMap(({ kind }) => {
    const seen = found.get(kind)
    return seen === undefined ? [] : [{ kind, newest: seen.newest, proven: seen.proven, count: seen.count }]
  })
}

/** Kinds that are to be fresh and of which there is none at all. */
export function missingKinds(
  summaries: readonly KindSummary[],
  freshMs: (kind: BackupKind) => number | null,
): BackupKind[] {
  const there = new Set(summaries.map(({ kind }) => kind))
  return Object.values(KINDS).flatMap(({ kind }) => (there.has(kind) || freshMs(kind) === null ? [] : [kind]))
}

/** Kinds whose last proven backup is too old, or of which there is none, with that in words. */
export function overdue(
  backups: readonly ListedBackup[],
  freshMs: (kind: BackupKind) => number | null,
  now: Date,
): { kind: BackupKind; says: string }[] {
  const kinds = summarize(backups, now)
  const late = kinds.flatMap(({ kind, proven }) => {
    const { stale, ageMs } = freshness(proven === null ? [] : [proven], kind, freshMs(kind), now)
    if (!stale) return []
    return [{ kind, says: ageMs === null ? `no ${kind} is proven` : `${kind} is ${stretch(ageMs)} old` }]
  })
  return [...missingKinds(kinds, freshMs).map((kind) => ({ kind, says: `there is no ${kind} yet` })), ...late]
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

const isProven = (backup: ListedBackup): boolean => backup.state === 'ok' && compareRungs(backup.rung, 'found') > 0

/** Two clocks are never quite the same. */
const CLOCKS_DIFFER_MS = 60_000
