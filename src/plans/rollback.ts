import { commitLive } from '../core/commit-live.ts'
import { failedReleases } from '../core/failed-releases.ts'
import type { Facts, RollbackCandidate } from '../core/facts.ts'
import { short } from '../core/naming.ts'
import type { Plan, Step } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { pushesBranch } from '../core/release.ts'
import { rollbackCandidates } from '../core/rollback-candidates.ts'
import { codeBack } from './code-back.ts'
import { certifyStep, failedLogStep, logSteps, recordStep } from './certify-parts.ts'
import type { Decided } from './decided.ts'
import { basisOf } from './deploy.ts'
import { askedFor, basisStep, checkoutOf, lockSteps, quickPathOf, quickStep, remoteOf, unlockSteps } from './parts.ts'
import { pruneSteps } from './prune-steps.ts'
import { verifyStep } from './release-parts.ts'
import { logInput, recordOf } from './rollback-books.ts'
import { rollbackData } from './rollback-data.ts'
import type { RollbackData } from './rollback-data.ts'
import { rollbackHolds } from './rollback-holds.ts'
import { ownUrl } from './target-steps.ts'
import { planned } from './planned.ts'

export type RollbackRequest = {
  to: string
  by?: 'revert' | 'reset'
  acceptSchema?: boolean
  /** Put back the data the backup holds, too. */
  withData?: boolean
  reason?: string | null
}

/** Returns production to a release tag or a backup: own backup first, the same targets, live proof, then the current branch. */
export function planRollback(project: Project, facts: Facts, request: RollbackRequest, decided: Decided): Plan {
  const { to, by = project.rollback.by, acceptSchema = false, withData = false, reason = null } = request
  const data = withData ? rollbackData(project, facts, to, decided) : null
  const candidate = rollbackCandidates(project, facts).find((one) => one.id === to)
  const remote = remoteOf(facts)
  const git = facts.git.ok ? facts.git.value : null
  const goal = candidate?.commit ?? ''
  const pushes = pushesBranch(project)
  const code = codeBack(project, facts, decided, { goal, to, by })
  const { commit, buildId } = code
  const title = `Roll ${project.project} / ${project.environment} back to ${to}`
  const basis = basisOf(project, facts, '', null)
  const made = data?.path ?? quickPathOf(project, decided)
  const url = ownUrl(code.steps)
  const said = logInput(project, facts, decided, { candidate, commit, buildId, to, made, url })
  return planned(decided, {
    op: 'rollback',
    title,
    request: { to, by, acceptSchema, withData, reason },
    names: {
      to,
      target: goal,
      remote: remote ?? '',
      nonce: decided.nonce,
      worktree: checkoutOf(decided),
      ...(typeof buildId === 'string' ? { commit: goal, buildId } : {}),
      ...(data === null ? {} : { id: to, sources: data.sources }),
    },
    basis: { there: basis.there },
    holds: [
      // Data and code of one moment fit each other, whatever the database is at now.
      ...rollbackHolds(project, facts, candidate, {
        to,
        by: pushes ? by : 'revert',
        acceptSchema: acceptSchema || withData,
      }),
      ...(data?.holds ?? []),
    ],
    warnings: [
      pushes
        ? `Your own checkout is left alone; afterwards: git pull ${remote ?? ''} ${project.git.branch}`.trim()
        : `${project.git.branch} keeps its commits: no target pushes it.`,
      ...(candidate?.failed === undefined
        ? []
        : [`The release of ${short(goal)} ${candidate.failed}: it was never proven live.`]),
      ...schemaWarning(candidate, acceptSchema && !withData),
    ],
    asks: askedFor(project, `${title}?`),
    loses: [...(candidate?.undoes ?? []).map((one) => `${one} is no longer live.`), ...(data?.loses ?? [])],
    certifiedBy: 'certify',
    audit: { required: true, event: 'rollback', subject: to },
    locks: true,
    steps: [
      ...lockSteps(remote, decided, 'rollback', reason === null ? title : `${title}: ${reason}`),
      basisStep({ remote, here: {}, there: basis.there, gate: null }),
      ...(data === null ? ownBackup(project, facts, decided, to) : dataFirst(data)),
      ...code.steps,
      ...(data?.place.start ?? []),
      verifyStep(project, buildId),
      certifyStep(project, decided, { remote, tag: null, commit, from: git?.current ?? null }),
      recordStep(project, recordOf(facts, decided, { candidate, commit, buildId, to, made })),
      ...logSteps(project, said),
      ...pruneSteps(project, facts, ['quick']),
    ],
    always: [
      failedLogStep(logInput(project, facts, decided, { candidate, commit: goal, buildId: null, to, made, url })),
      ...(data?.place.always ?? []),
      ...code.always,
      ...unlockSteps(remote, decided),
    ],
  })
}

/** The commit that is live, kept before anything is changed. */
function ownBackup(project: Project, facts: Facts, decided: Decided, to: string): Step[] {
  const failed = failedReleases(facts.history).has(commitLive(facts)?.commit ?? '')
  const notes = `before rolling back to ${to}${failed ? ', of a release that failed' : ''}`
  return [quickStep(project, facts, decided, notes, false)].filter((one) => one !== null)
}

/** The backup read and opened, the services stopped, what stands there captured, and the data swapped in; then the code. */
function dataFirst({ place }: RollbackData): Step[] {
  return [...place.open, ...place.stop, ...place.snapshot, ...place.data]
}

function schemaWarning(candidate: RollbackCandidate | undefined, accepted: boolean): string[] {
  if (candidate === undefined || candidate.schema.verdict === 'same' || !accepted) return []
  return [
    `The database stays at ${candidate.schema.from ?? 'an unknown revision'}; that code was made for ${candidate.schema.to ?? 'an unknown one'}.`,
  ]
}
