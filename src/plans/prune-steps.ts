import type { BackupKind } from '../core/backup.ts'
import type { Facts } from '../core/facts.ts'
import type { Step } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { guards } from './kept.ts'
import { remoteOf } from './parts.ts'
import { call, step } from '../core/step.ts'

/**
 * Retention after a success, one step for each kind that has reached its number; none while there is nothing to remove.
 * A failure is owed: the backup it follows is good.
 */
export function pruneSteps(project: Project, facts: Facts, kinds: readonly BackupKind[]): Step[] {
  const listed = facts.backups.ok ? facts.backups.value : []
  return kinds.flatMap((kind) => {
    const keep = project.backups[kind]?.keep ?? null
    const ours = listed.filter((one) => one.kind === kind && one.origin === 'knowngood' && one.state === 'ok')
    // The one this run makes is not among them yet.
    return keep === null || kind === 'baseline' || ours.length < keep
      ? []
      : [pruneStep(project, facts, kind, keep, null)]
  })
}

/** What a success of this kind prunes: its own, but a bundle or a data archive only where the configuration says so. */
export function prunedAfter({ backups }: Project, kind: BackupKind): BackupKind[] {
  if (kind === 'bundle') return backups.bundle.prune ? [kind] : []
  if (kind === 'data') return backups.data?.prune === true ? [kind] : []
  return kind === 'baseline' ? [] : [kind]
}

/** Removes what retention lets go; `only` these ids, where they were reviewed. */
export function pruneStep(project: Project, facts: Facts, kind: BackupKind, keep: number, only: string[] | null): Step {
  const input = { kind, keep, backups: project.backups, guard: guards(project, facts), remote: remoteOf(facts), only }
  const says = `remove ${kind} backups beyond the newest ${keep}, never the last proven or a rollback target`
  return step(`prune-${kind}`, 'Prune', [call('prune.kind', input, says)], {
    detail: `${kind}, keep ${keep}`,
    effect: 'local',
    gives: ['removed'],
    probe: call('again.probe', {}, 'it may be done again'),
    onFail: 'owe',
  })
}
