import type { ListedBackup } from '../core/backup.ts'
import type { Facts, RollbackCandidate } from '../core/facts.ts'
import { valueOr } from '../core/known.ts'
import { UNDO_REFS } from '../core/paths.ts'
import type { Plan, Ref, Step } from '../core/plan.ts'
import { confirmationName } from '../core/project.ts'
import type { Project } from '../core/project.ts'
import { buildIdOf, needsBuild, pushesBranch } from '../core/release.ts'
import { rollbackCandidates } from '../core/rollback-candidates.ts'
import { certifyStep, failedLogStep, logSteps, recordStep } from './certify-parts.ts'
import type { Decided } from './decided.ts'
import { basisOf } from './deploy.ts'
import { basisStep, checkoutOf, lockSteps, quickPathOf, quickStep, remoteOf, unlockSteps } from './parts.ts'
import { pruneSteps } from './prune-steps.ts'
import { buildStep, removeCheckout, unpackStep, verifyStep } from './release-parts.ts'
import { logInput, recordOf } from './rollback-books.ts'
import { rollbackData } from './rollback-data.ts'
import type { RollbackData } from './rollback-data.ts'
import { rollbackHolds } from './rollback-holds.ts'
import { call, lookAt, step } from '../core/step.ts'
import { targetSteps } from './target-steps.ts'

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
  const tip = git?.remoteBranch ?? git?.next?.oid ?? ''
  const goal = candidate?.commit ?? ''
  const pushes = pushesBranch(project)
  // Where no target pushes, a commit on the branch would bring nothing live: the old one itself is released again.
  const revert = by === 'revert' && pushes
  const commit: string | Ref = revert ? { $: 'commit.commit' } : goal
  const buildId: string | Ref = revert ? { $: 'commit.buildId' } : buildIdOf(project.build.id, goal)
  // An archive carries the BUILD_ID of its own commit; a new commit must be built for its own.
  const archived = revert || !needsBuild(project) ? null : archiveOf(facts, goal)
  const title = `Roll ${project.project} / ${project.environment} back to ${to}`
  const basis = basisOf(project, facts, '', null)
  const made = data?.path ?? quickPathOf(project, decided)
  const said = logInput(project, facts, decided, { candidate, commit, buildId, to, made })
  const name = confirmationName(project)
  return {
    schema: 1,
    op: 'rollback',
    tool: decided.tool,
    title,
    request: { to, by, acceptSchema, withData, reason },
    names: {
      run: decided.run,
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
      ...schemaWarning(candidate, acceptSchema && !withData),
    ],
    asks: [
      { id: 'review', kind: 'review', text: `${title}?`, flag: '--yes' },
      { id: 'reason', kind: 'reason', text: 'Why? (kept in the audit log)', flag: '--reason' },
      { id: 'typed', kind: 'typed', text: `Type ${name} to go on`, expects: name, flag: `--confirm=${name}` },
    ],
    loses: [...(candidate?.undoes ?? []).map((one) => `${one} is no longer live.`), ...(data?.loses ?? [])],
    certifiedBy: 'certify',
    audit: { required: true, event: 'rollback', subject: to },
    locks: true,
    steps: [
      ...lockSteps(remote, decided, 'rollback', reason === null ? title : `${title}: ${reason}`),
      basisStep({ remote, here: {}, there: basis.there, gate: null }),
      ...(data === null ? ownBackup(project, facts, decided, to) : dataFirst(data)),
      ...(revert ? [revertStep(project, decided, goal, tip, to)] : pushes ? [keepStep(decided, remote, tip)] : []),
      ...(archived !== null ? [unpackStep(decided, archived)] : []),
      ...(needsBuild(project) && archived === null ? [buildStep(project, decided, commit, buildId)] : []),
      ...targetSteps(project, decided, {
        way: 'back',
        commit,
        buildId,
        from: git?.remoteBranch ?? null,
        rewinds: !revert,
        remote,
      }),
      ...(data?.place.start ?? []),
      verifyStep(project, buildId),
      certifyStep(project, decided, { remote, tag: null, commit, from: git?.current ?? null }),
      recordStep(project, recordOf(facts, decided, { candidate, commit, buildId, to, made })),
      ...logSteps(project, said),
      ...pruneSteps(project, facts, ['quick']),
    ],
    always: [
      failedLogStep(logInput(project, facts, decided, { candidate, commit: goal, buildId: null, to, made })),
      ...(data?.place.always ?? []),
      ...(needsBuild(project) ? [removeCheckout(decided)] : []),
      ...unlockSteps(remote, decided),
    ],
  }
}

/** The commit that is live, kept before anything is changed. */
function ownBackup(project: Project, facts: Facts, decided: Decided, to: string): Step[] {
  return [quickStep(project, facts, decided, `before rolling back to ${to}`, false)].filter((one) => one !== null)
}

/** The backup read and opened, the services stopped, what stands there captured, and the data swapped in; then the code. */
function dataFirst({ place }: RollbackData): Step[] {
  return [...place.open, ...place.stop, ...place.snapshot, ...place.data]
}

/** The archived artefact of a commit whose record can vouch for its bytes; null when it must be built again. */
function archiveOf(facts: Facts, commit: string): ListedBackup | null {
  const fits = (one: ListedBackup) =>
    one.kind === 'prod' &&
    one.origin === 'knowngood' &&
    one.state === 'ok' &&
    one.commit === commit &&
    one.digest !== ''
  return valueOr(facts.backups, []).find(fits) ?? null
}

function revertStep(project: Project, decided: Decided, goal: string, tip: string, to: string): Step {
  const message = `Roll back to ${to}\n\nThe tree of ${goal}, by run ${decided.run}.\n`
  const input = { to: goal, parent: tip, message, by: { ...decided.by, at: decided.now }, buildId: project.build.id }
  return step(
    'commit',
    'Make the commit',
    [
      call('rollback.commit', input, `a new commit with the tree of ${goal.slice(0, 7)} on ${tip.slice(0, 7)}`, [
        ['git', 'commit-tree', '-p', tip, '-m', message, `${goal}^{tree}`],
      ]),
    ],
    {
      detail: `the tree of ${goal.slice(0, 7)}`,
      effect: 'local',
      gives: ['commit', 'buildId'],
      probe: call('rollback.commit.probe', {}, 'it may be made again, and is the same'),
    },
  )
}

function keepStep(decided: Decided, remote: string | null, tip: string): Step {
  const ref = `${UNDO_REFS}/${decided.run}`
  const input = { remote, ref, commit: tip }
  const byHand = [
    ['git', 'update-ref', ref, tip],
    ...(remote === null ? [] : [['git', 'push', remote, `${tip}:${ref}`]]),
  ]
  return step(
    'keep',
    'Keep what is there',
    [call('undo.keep', input, `keep ${tip.slice(0, 7)} under ${ref}`, byHand)],
    {
      detail: ref,
      effect: 'outward',
      gives: ['ref'],
      probe: call('undo.kept', input, 'whether it is kept, here and on the remote', lookAt(remote, ref)),
    },
  )
}

function schemaWarning(candidate: RollbackCandidate | undefined, accepted: boolean): string[] {
  if (candidate === undefined || candidate.schema.verdict === 'same' || !accepted) return []
  return [
    `The database stays at ${candidate.schema.from ?? 'an unknown revision'}; that code was made for ${candidate.schema.to ?? 'an unknown one'}.`,
  ]
}
