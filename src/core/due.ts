import { stretch } from './age.ts'
import type { BackupKind, ListedBackup } from './backup.ts'
import { baselinesOf } from './baseline.ts'
import type { Facts } from './facts.ts'
import { freshness } from './freshness.ts'
import { KINDS } from './kinds.ts'
import { valueOr } from './known.ts'
import type { Project } from './project.ts'

/** Something that is due, and what does it; `does` null: a person's to do. */
export type Due = {
  id: string
  says: string
  does: { what: 'backup'; kind: BackupKind } | { what: 'mirror' } | { what: 'rehash'; ids: string[] } | null
}

const DAY_MS = 86_400_000
/** A frozen baseline is read again this often: nobody else would notice that a disk forgets. */
const REHASH_MS = 30 * DAY_MS
/** Kinds made once a day where nothing else is configured. */
const DAILY: readonly BackupKind[] = ['site', 'dump']

/** What is due now. `makes` says which kinds can be made here at all; `hashedAt` when each baseline was last read whole. */
export function dueNow(
  project: Project,
  facts: Facts,
  makes: ReadonlySet<BackupKind>,
  hashedAt: ReadonlyMap<string, string>,
): Due[] {
  const now = new Date(facts.at)
  const backups = valueOr(facts.backups, [])
  return [
    ...Object.values(KINDS).flatMap(({ kind, asked }) =>
      asked && makes.has(kind) ? late(project, kind, backups, now) : [],
    ),
    ...facts.mirrors.flatMap(({ to, lacks }): Due[] =>
      lacks.length === 0 ? [] : [{ id: `mirror ${to}`, says: `it lacks ${lacks.length}`, does: { what: 'mirror' } }],
    ),
    ...stale(backups, hashedAt, now),
    ...facts.drills.flatMap(({ kind, lastAt, overdueMs }): Due[] => {
      if (lastAt !== null && overdueMs === 0) return []
      const says = lastAt === null ? 'it was never passed' : `it is ${stretch(overdueMs)} overdue`
      return [{ id: `drill ${kind}`, says: `${says}: knowngood drill ${kind}`, does: null }]
    }),
  ]
}

function late(project: Project, kind: BackupKind, backups: readonly ListedBackup[], now: Date): Due[] {
  const fresh = project.backups[kind]?.freshMs ?? (DAILY.includes(kind) ? DAY_MS : null)
  if (fresh === null) return []
  const { newest, ageMs, stale: old } = freshness(backups, kind, fresh, now)
  if (!old) return []
  const says = newest === null ? 'there is none' : `the newest is ${stretch(ageMs ?? 0)} old`
  return [{ id: `${kind} backup`, says, does: { what: 'backup', kind } }]
}

function stale(backups: readonly ListedBackup[], hashedAt: ReadonlyMap<string, string>, now: Date): Due[] {
  const old = baselinesOf(backups).filter(({ id, state }) => {
    const at = hashedAt.get(id)
    return state === 'ok' && (at === undefined || now.getTime() - Date.parse(at) > REHASH_MS)
  })
  if (old.length === 0) return []
  const ids = old.map(({ id }) => id)
  return [{ id: 'baselines', says: `to be read again: ${ids.join(', ')}`, does: { what: 'rehash', ids } }]
}
