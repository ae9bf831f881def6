import type { ListedBackup } from './backup.ts'

/** `ageMs` and `stale` speak of the newest usable backup of a kind; with none, `stale` is true when one is wanted. */
export type Freshness = { newest: ListedBackup | null; ageMs: number | null; stale: boolean }

/**
 * How fresh a kind is. A damaged or missing backup, or one dated in the future, makes nothing fresh.
 * `freshMs` null: the kind is never called stale.
 */
export function freshness(
  backups: readonly ListedBackup[],
  kind: ListedBackup['kind'],
  freshMs: number | null,
  now: Date,
): Freshness {
  const age = (backup: ListedBackup): number => now.getTime() - Date.parse(backup.at)
  const usable = backups.filter((backup) => backup.kind === kind && backup.state === 'ok' && age(backup) > -SLACK)
  const newest = usable.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))[0] ?? null
  const ageMs = newest === null ? null : Math.max(0, age(newest))
  return { newest, ageMs, stale: freshMs !== null && (ageMs === null || ageMs > freshMs) }
}

/** Two clocks are never quite the same. */
const SLACK = 60_000
