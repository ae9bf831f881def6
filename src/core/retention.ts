import type { ListedBackup } from './backup.ts'
import { compareRungs } from './proof.ts'

/** What a prune must not touch besides the newest: ids by why. */
export type Protected = ReadonlyMap<string, string>

/** What no prune may take: by the commit it returns to (its newest backup of the kind), by where it lies, or by its id. */
export type Guard = { why: string } & ({ commit: string } | { path: string } | { id: string })

/** The backups of a kind that guards speak of, by id; the first word on one counts. */
export function guardedBy(
  backups: readonly ListedBackup[],
  kind: ListedBackup['kind'],
  guards: readonly Guard[],
): Protected {
  const mine = backups.filter((backup) => backup.kind === kind)
  const found = new Map<string, string>()
  for (const guard of guards) {
    const backup = mine.find((one) =>
      'commit' in guard
        ? one.state === 'ok' && one.commit === guard.commit
        : 'path' in guard
          ? one.path === guard.path
          : one.id === guard.id,
    )
    if (backup !== undefined && !found.has(backup.id)) found.set(backup.id, guard.why)
  }
  return found
}

/** One row of the plan; `because` is why it stays or goes. */
export type RetentionRow = { backup: ListedBackup; keep: boolean; because: string }

/** How many backups are kept, or why the number is refused. Null keeps all. */
export function keepCount(value: unknown): number | null {
  if (value === null) return null
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value
  throw new RangeError(`keep must be a whole number of at least 1, not ${JSON.stringify(value) ?? 'undefined'}`)
}

/**
 * Which backups of one kind a prune removes. Only finished, undamaged ones count towards `keep`, by their recorded
 * time; files of others, those dated in the future and what is protected stay, and do not count.
 */
export function retention(
  backups: readonly ListedBackup[],
  kind: ListedBackup['kind'],
  keep: number | null,
  now: Date,
  guarded: Protected,
): RetentionRow[] {
  const count = keepCount(keep)
  const rows = backups
    .filter((backup) => backup.kind === kind)
    .toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at) || (a.id < b.id ? 1 : -1))
  const newest = newestByRung(rows)
  const kept = { own: 0, before: 0 }
  return rows.map((backup) => {
    const shelf = BEFORE.test(backup.id) ? 'before' : 'own'
    const because =
      (kind === 'baseline' ? 'a baseline is never removed' : stays(backup, now)) ??
      guarded.get(backup.id) ??
      newest.get(backup.id) ??
      null
    if (backup.state === 'ok' && backup.origin === 'knowngood' && Date.parse(backup.at) <= now.getTime()) {
      kept[shelf] += 1
      if (count === null) return { backup, keep: true, because: because ?? 'all are kept' }
      if (kept[shelf] <= count) return { backup, keep: true, because: because ?? `one of the newest ${count}` }
    }
    return because === null
      ? { backup, keep: false, because: `older than the newest ${count ?? 0}` }
      : { backup, keep: true, because }
  })
}

/** Sets a run made of what it was about to replace: they count for themselves, and push no named one out. */
const BEFORE = /^pre-(?:restore|rollback|emergency)-\d{8}_\d{6}Z/

/** Why a backup is not a prune's to judge. */
function stays(backup: ListedBackup, now: Date): string | null {
  if (backup.origin === 'found') return 'not made by Knowngood'
  if (!(Date.parse(backup.at) <= now.getTime())) return 'dated in the future'
  return backup.state === 'ok' ? null : `${backup.state}: look at it first`
}

/** The newest backup of each rung that was proven: never the last good one goes. */
function newestByRung(rows: readonly ListedBackup[]): Map<string, string> {
  const newest = new Map<string, string>()
  for (const rung of ['hashed', 'readable', 'restored'] as const) {
    const best = rows.find((row) => row.state === 'ok' && compareRungs(row.rung, rung) >= 0)
    if (best) newest.set(best.id, `the newest ${rung} one`)
  }
  return newest
}
