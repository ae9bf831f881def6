import type { ListedBackup } from '../core/backup.ts'
import { bundleOf } from '../core/baseline.ts'
import type { Facts } from '../core/facts.ts'
import { short } from '../core/naming.ts'
import type { Step } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { pushesBranch } from '../core/release.ts'
import { call, step } from '../core/step.ts'
import { certifyStep } from './certify-parts.ts'
import { codeBack, type CodeBack } from './code-back.ts'
import type { Decided } from './decided.ts'
import type { EmergencyRequest } from './emergency.ts'
import { remoteOf } from './parts.ts'

/**
 * The code of the baseline's commit, where it is not what is live and can be brought there; null where it stays. It needs no
 * remote but where the remote is the host: the commit comes out of the baseline's own bundle where this clone lacks it, and
 * no step waits for the shared lock, which was taken over where it could be. What fails here leaves the data restored.
 */
export function emergencyCode(
  project: Project,
  facts: Facts,
  request: EmergencyRequest,
  decided: Decided,
  baseline: ListedBackup,
): CodeBack | null {
  const asked = request.only.length === 0 || request.only.includes('code')
  const goal = baseline.commit
  if (!asked || goal === null || !facts.git.ok || project.deploy.targets.length === 0) return null
  if (nowhereToPush(project, facts) || isLive(project, facts, goal)) return null
  const back = codeBack(project, facts, decided, { goal, to: baseline.id, by: project.rollback.by })
  const steps = [commitStep(baseline, goal), ...back.steps]
  return { ...back, steps: steps.map((each) => ({ ...each, fence: false, onFail: 'halt' as const, haltExit: 5 })) }
}

/** The commit, from the bundle that the baseline holds, where this clone does not have it. */
function commitStep(baseline: ListedBackup, commit: string): Step {
  const file = bundleOf(baseline)
  const byHand = [file === null ? ['git', 'cat-file', '-e', `${commit}^{tree}`] : ['git', 'bundle', 'unbundle', file]]
  const input = { commit, bundle: file }
  return step(
    'code',
    'Look for the code',
    [call('emergency.code', input, `have ${short(commit)} here, out of the baseline where it is not`, byHand)],
    { detail: short(commit), effect: 'local', probe: call('again.probe', {}, 'it may be looked for again') },
  )
}

/** Moves the current branch to what is live again. Production is right by then: a remote that is away is owed no more than this. */
export function namedStep(
  project: Project,
  decided: Decided,
  of: { remote: string | null; commit: CodeBack['commit']; from: string | null },
): Step {
  return { ...certifyStep(project, decided, { ...of, tag: null }), fence: false, onFail: 'owe' }
}

/** Whether that commit is what production serves, what is recorded, and what was pushed last. */
export function isLive(project: Project, facts: Facts, commit: string): boolean {
  if (!facts.git.ok) return false
  const { current, remoteBranch } = facts.git.value
  // Whoever pushed something else has a host at work on it, whatever its page says just now.
  if (pushesBranch(project) && remoteBranch !== commit) return false
  return current === commit && (!facts.live.ok || facts.live.value.matches === commit)
}

/** Without a remote the code cannot go anywhere; that is no reason to stop half way once the data is back. */
export const nowhereToPush = (project: Project, facts: Facts): boolean =>
  pushesBranch(project) && remoteOf(facts) === null
