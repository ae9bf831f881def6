import type { BackupKind, ListedBackup } from '../core/backup.ts'
import { commitLive } from '../core/commit-live.ts'
import type { Facts } from '../core/facts.ts'
import { valueOr } from '../core/known.ts'
import { recordsVariable, type Project } from '../core/project.ts'
import type { Guard, RetentionRow } from '../core/retention.ts'
import { guardedBy, retention } from '../core/retention.ts'
import { releaseTags } from '../core/release.ts'

/** What one may have to return to: what is live now, the newest two releases and what they were recorded with; and what a mirror still lacks. */
export function guards(project: Project, facts: Facts): Guard[] {
  const live = commitLive(facts)?.commit
  const newest = facts.git.ok ? releaseTags(facts.git.value).slice(0, 2) : []
  const rows = valueOr(facts.releases, [])
    .filter((row) => row.outcome === 'certified' || row.outcome === 'rollback')
    .toSorted((a, b) => b.recordedAt.localeCompare(a.recordedAt))
    .slice(0, 2)
  // A database that does not answer may name any of them.
  const unread =
    facts.releases.ok || recordsVariable(project.records.url) === null
      ? []
      : valueOr(facts.backups, []).map(({ id }) => ({ id, why: 'the release records cannot be read' }))
  return [
    ...(live === undefined ? [] : [{ commit: live, why: 'what was live' }]),
    ...newest.map((tag) => ({ commit: tag.commit, why: `the way back to ${tag.name}` })),
    ...rows.map((row) => ({ path: row.backupPath, why: `recorded with ${row.tag ?? row.commitSha.slice(0, 7)}` })),
    ...unread,
    ...facts.mirrors.flatMap(({ to, lacks }) => lacks.map((id) => ({ id, why: `${to} has no copy yet` }))),
  ]
}

/** What a prune of one kind would do now, a reason on every row, newest first. */
export function keptRows(project: Project, facts: Facts, kind: BackupKind, now: Date): RetentionRow[] {
  const listed = valueOr(facts.backups, [])
  const keep = project.backups[kind]?.keep ?? null
  return retention(listed, kind, keep, now, guardedBy(listed, kind, guards(project, facts)))
}

/** Why a backup may not go without a reason and the typed name; null when it may. */
export function staysBecause(project: Project, facts: Facts, backup: ListedBackup, now: Date): string | null {
  const row = keptRows(project, facts, backup.kind, now).find((one) => one.backup.id === backup.id)
  return row === undefined || !row.keep ? null : row.because
}
