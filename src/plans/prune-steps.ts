import type { BackupKind } from '../core/backup.ts'
import { commitLive } from '../core/commit-live.ts'
import type { Facts } from '../core/facts.ts'
import type { Step } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { releaseTags } from '../core/rollback-candidates.ts'
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
    return keep === null || ours.length < keep ? [] : [pruneStep(project, facts, kind, keep)]
  })
}

/** What a success of this kind prunes: its own, but a bundle or a data archive only where the configuration says so. */
export function prunedAfter({ backups }: Project, kind: BackupKind): BackupKind[] {
  if (kind === 'bundle') return backups.bundle.prune ? [kind] : []
  if (kind === 'data') return backups.data?.prune === true ? [kind] : []
  return kind === 'baseline' ? [] : [kind]
}

function pruneStep(project: Project, facts: Facts, kind: BackupKind, keep: number): Step {
  const input = { kind, keep, backups: project.backups, guard: guardedCommits(project, facts), remote: remoteOf(facts) }
  const says = `remove ${kind} backups beyond the newest ${keep}, never the last proven or a rollback target`
  return step(`prune-${kind}`, 'Prune', [call('prune.kind', input, says)], {
    detail: `${kind}, keep ${keep}`,
    effect: 'local',
    gives: ['removed'],
    probe: call('again.probe', {}, 'it may be done again'),
    onFail: 'owe',
  })
}

/** The commits one may have to return to: what is live now, and the newest two releases. */
function guardedCommits(project: Project, facts: Facts): { commit: string; why: string }[] {
  const live = commitLive(facts)?.commit
  const newest = facts.git.ok ? releaseTags(project, facts.git.value).slice(0, 2) : []
  const releases = newest.map((tag) => ({ commit: tag.commit, why: `the way back to ${tag.name}` }))
  return [...(live === undefined ? [] : [{ commit: live, why: 'what was live' }]), ...releases]
}
