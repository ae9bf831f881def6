import { age, size } from '../core/age.ts'
import type { BackupKind } from '../core/backup.ts'
import type { Facts } from '../core/facts.ts'
import { KINDS } from '../core/kinds.ts'
import type { Plan } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import type { RetentionRow } from '../core/retention.ts'
import type { Decided } from './decided.ts'
import { keptRows } from './kept.ts'
import { pruneStep } from './prune-steps.ts'
import { planned } from './planned.ts'

/** What retention would do, kind by kind, newest first; `keep` counts otherwise than configured where it is given. */
export function pruneRows(project: Project, facts: Facts, kind: BackupKind | null, now: Date): RetentionRow[] {
  const kinds = kind === null ? Object.values(KINDS).map((spec) => spec.kind) : [kind]
  return kinds.flatMap((one) => keptRows(project, facts, one, now))
}

/** Applies retention now: of one kind, or of all, bundles and data archives too. What was reviewed goes, and nothing else. */
export function planPrune(
  project: Project,
  facts: Facts,
  request: { kind: BackupKind | null },
  decided: Decided,
): Plan {
  const now = new Date(decided.now)
  const gone = pruneRows(project, facts, request.kind, now).filter((row) => !row.keep)
  const kinds = [...new Set(gone.map(({ backup }) => backup.kind))]
  const bytes = gone.reduce((sum, { backup }) => sum + backup.bytes, 0)
  return planned(decided, {
    op: 'prune',
    title: gone.length === 0 ? 'Prune: nothing goes' : `Prune ${gone.length} backups, ${size(bytes)}`,
    request,
    holds: facts.backups.ok
      ? []
      : [{ id: 'backups', why: `the backups could not be read: ${facts.backups.because}`, fix: facts.backups.fix }],
    loses: gone.map(
      ({ backup, because }) => `${backup.id}, ${size(backup.bytes)}, made ${age(backup.at, now)}: ${because}.`,
    ),
    audit: { required: false, event: 'prune', subject: request.kind ?? 'all kinds' },
    locks: true,
    steps: kinds.map((kind) => {
      const ids = gone.filter(({ backup }) => backup.kind === kind).map(({ backup }) => backup.id)
      return { ...pruneStep(project, facts, kind, project.backups[kind]?.keep ?? 1, ids), onFail: 'undo' as const }
    }),
  })
}
