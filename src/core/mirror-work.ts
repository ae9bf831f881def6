import type { BackupKind, ListedBackup } from './backup.ts'
import type { MirrorHeld } from './plug-in.ts'

/** Which backups a mirror is to hold: the newest `latest` of each of `kinds`. */
export type MirrorRule = { kinds: readonly BackupKind[]; latest: number }

/** `put`: what the mirror lacks, newest first. `drop`: copies older than the newest `latest` of their kind, never a baseline's. */
export type MirrorWork = { put: ListedBackup[]; drop: MirrorHeld[] }

type Held = Pick<MirrorHeld, 'id' | 'digest'>

/** What brings a mirror up to date. A backup that is damaged, unproven or dated in the future is never copied. */
export function mirrorWork(
  rule: MirrorRule,
  backups: readonly ListedBackup[],
  holds: readonly MirrorHeld[],
  now: Date,
): MirrorWork {
  const put = wanted(rule, backups, now).filter((backup) => !isHeld(backup, holds))
  const drop = rule.kinds.flatMap((kind) => {
    if (kind === 'baseline') return []
    const copies = holds.filter((one) => one.kind === kind)
    const all = [...copies, ...put.filter((one) => one.kind === kind)].toSorted(byTime)
    const kept = new Set(all.slice(0, rule.latest))
    return copies.filter((one) => !kept.has(one))
  })
  return { put, drop }
}

/** The backups a mirror is to hold, newest first. */
export function wanted(rule: MirrorRule, backups: readonly ListedBackup[], now: Date): ListedBackup[] {
  return rule.kinds.flatMap((kind) =>
    backups
      .filter((one) => one.kind === kind && one.state === 'ok' && one.rung !== 'found' && one.digest !== '')
      .filter((one) => Date.parse(one.at) <= now.getTime())
      .toSorted(byTime)
      .slice(0, rule.latest),
  )
}

/** Whether a mirror has this very backup: by its id and its digest. */
export function isHeld(backup: Pick<ListedBackup, 'id' | 'digest'>, holds: readonly Held[]): boolean {
  return holds.some((one) => one.id === backup.id && one.digest === backup.digest)
}

function byTime(a: { at: string }, b: { at: string }): number {
  return Date.parse(b.at) - Date.parse(a.at)
}
