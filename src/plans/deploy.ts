import { deployHolds } from '../core/holds.ts'
import type { Facts } from '../core/facts.ts'
import type { Plan, Step } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { buildIdOf, certifiesLater, releaseTagOn } from '../core/release.ts'
import { commitLive } from '../core/commit-live.ts'
import { auditStep, failedLogStep, logSteps } from './certify-parts.ts'
import { certifySteps, deployLog } from './certify-steps.ts'
import type { Release } from './certify-steps.ts'
import type { Decided } from './decided.ts'
import { kindHolds } from './backup.ts'
import type { BackupRequest } from './backup-request.ts'
import { backupPath, backupSteps, backupTidySteps } from './backup-steps.ts'
import { mirrorSteps } from './mirror.ts'
import { prunedAfter, pruneSteps } from './prune-steps.ts'
import { basisStep, checkoutOf, gateRules, lockSteps, remoteOf, unlockSteps } from './parts.ts'
import { short } from '../core/naming.ts'
import { archivePath, stagedPath, tagFor } from './release-facts.ts'
import { buildStep, provenBack, removeCheckout, verifyStep } from './release-parts.ts'
import { call, step } from '../core/step.ts'
import { ownUrl, targetSteps } from './target-steps.ts'
import { planned } from './planned.ts'

const MIGRATE_MS = 3_600_000

/** Releases `git.next`: backup, clean build, targets, live proof, and only then the tag. */
export function planDeploy(
  project: Project,
  facts: Facts,
  request: { type: 'release' | 'patch' },
  decided: Decided,
): Plan {
  const git = facts.git.ok ? facts.git.value : null
  const commit = git?.next?.oid ?? ''
  const { warnings, ...held } = deployHolds(project, facts)
  const holds = [...held.holds, ...kindHolds(project, project.deploy.backup)]
  const title = `Deploy ${commit.slice(0, 7) || 'nothing'} to ${project.project} / ${project.environment}`
  const audit = { required: true, event: 'deploy', subject: commit.slice(0, 7) }
  // Steps without a commit would read as commands that remove the branch.
  if (commit === '')
    return planned(decided, { op: 'deploy', title, request, holds, warnings, audit, locks: true, steps: [] })
  const later = certifiesLater(project)
  const own = ownBackup(project, facts, decided, request.type)
  const release: Release = {
    commit,
    buildId: buildIdOf(project.build.id, commit),
    type: request.type,
    tag: tagFor(project, facts, decided),
    backup: own === null ? null : backupPath(project, facts, decided, own),
    staged: stagedPath(project, decided.run),
  }
  const remote = remoteOf(facts)
  const from = git?.remoteBranch ?? null
  const { buildId } = release
  const targets = targetSteps(project, decided, { way: 'deploy', commit, buildId, from, rewinds: false, remote })
  release.url = ownUrl(targets)
  const basis = basisOf(project, facts, commit, release.tag)
  const failed = deployLog(project, facts, decided, release, 'failed', `${commit.slice(0, 7)}-failed`)
  return planned(decided, {
    op: 'deploy',
    title,
    request,
    names: {
      commit,
      buildId: release.buildId,
      tag: release.tag,
      remote: remote ?? '',
      nonce: decided.nonce,
      worktree: checkoutOf(decided),
    },
    basis: { here: basis.here, there: basis.there },
    holds,
    warnings: [
      ...warnings,
      ...onceMore(facts, commit, later ? null : release.tag),
      ...(later ? ['Confirmations are asked after the deploy: it ends verified, not certified.'] : []),
    ],
    asks: [{ id: 'review', kind: 'review', text: `${title}?`, flag: '--yes' }],
    certifiedBy: later ? null : 'certify',
    audit,
    locks: true,
    steps: [
      ...lockSteps(remote, decided, 'deploy', title),
      basisStep({ remote, ...basis, gate: { commit, rules: gateRules(project) } }),
      ...(own === null ? [] : backupSteps(project, facts, decided, own)),
      buildStep(project, decided, commit, release.buildId),
      stageStep(project, decided, release),
      ...migrateSteps(project, decided, release, remote !== null),
      ...provenBack(project, facts, targets),
      verifyStep(project, release.buildId),
      ...(later ? verifiedSteps(project, facts, decided, release) : certifySteps(project, facts, decided, release)),
      ...mirrorSteps(project),
      ...pruneSteps(project, facts, [
        ...prunedAfter(project, project.deploy.backup),
        ...(later ? [] : ['prod' as const]),
      ]),
    ],
    always: [
      failedLogStep(failed),
      removeCheckout(decided),
      ...(own === null ? [] : backupTidySteps(project, facts, decided, own)),
      ...unlockSteps(remote, decided),
    ],
  })
}

/** Said of a release that is live and certified already: a deploy builds and certifies it under one more name. */
function onceMore(facts: Facts, commit: string, tag: string | null): string[] {
  if (!facts.git.ok || commitLive(facts)?.commit !== commit) return []
  const known = releaseTagOn(facts.git.value, commit)
  if (known === undefined) return []
  const named = tag === null ? '' : `, and named ${tag} as well`
  return [`${short(commit)} is live already, as ${known.name}: it is built and released once more${named}.`]
}

/** The backup of the deploy itself; null before anything is live. */
function ownBackup(project: Project, facts: Facts, decided: Decided, type: 'release' | 'patch'): BackupRequest | null {
  const { run } = decided
  if (commitLive(facts) === null) return null
  return { kind: project.deploy.backup, name: run, notes: `before ${run}`, type, session: false }
}

/** Where every name stood that this release reads or moves. */
export function basisOf(project: Project, facts: Facts, next: string, tag: string | null) {
  const git = facts.git.ok ? facts.git.value : null
  const tagged = tag === null ? {} : { [`refs/tags/${tag}`]: null }
  const there = {
    [`refs/heads/${project.git.branch}`]: git?.remoteBranch ?? null,
    [`refs/heads/${project.git.current}`]: git?.current ?? null,
    ...tagged,
  }
  return { here: next === '' ? {} : { [`refs/heads/${project.git.branch}`]: next }, there }
}

function stageStep(project: Project, decided: Decided, release: Release): Step {
  const input = {
    from: checkoutOf(decided),
    paths: project.build.artefact,
    to: release.staged,
    published: archivePath(project, release.tag),
  }
  return step(
    'stage',
    'Keep the artefact',
    [
      call('artefact.stage', input, `pack what was built into ${release.staged}`, [
        ['zip', '-r', release.staged, ...(input.paths.length > 0 ? input.paths : ['.'])],
      ]),
    ],
    {
      detail: release.staged,
      effect: 'local',
      gives: ['path', 'bytes', 'sha256'],
      probe: call('artefact.probe', input, 'whether the artefact is packed', [['sha256sum', release.staged]]),
      undo: [
        call(
          'artefact.discard',
          { to: release.staged, published: archivePath(project, release.tag) },
          `remove ${release.staged}`,
          [['rm', release.staged]],
        ),
      ],
      stop: 'anytime',
    },
  )
}

/** A team's own migration; what it has changed only a restore undoes, so it stops where it failed. */
function migrateSteps(project: Project, decided: Decided, release: Release, fence: boolean): Step[] {
  const env = { KNOWNGOOD_COMMIT: release.commit, KNOWNGOOD_BUILD_ID: release.buildId }
  return project.deploy.migrate.map((argv, index) =>
    step(
      `migrate-${index + 1}`,
      'Migrate',
      [{ do: 'exec', argv, cwd: checkoutOf(decided), env, idleMs: MIGRATE_MS, timeoutMs: MIGRATE_MS, okCodes: [0] }],
      {
        detail: argv.join(' '),
        effect: 'destroys',
        fence,
        probe: call('migrate.probe', { argv }, 'only the database can tell how far it came'),
        onFail: 'halt',
      },
    ),
  )
}

function verifiedSteps(project: Project, facts: Facts, decided: Decided, release: Release): Step[] {
  const outcome = 'verified, not certified'
  return [
    ...logSteps(
      project,
      deployLog(project, facts, decided, release, outcome, `${release.commit.slice(0, 7)}-verified`),
    ),
    auditStep(decided, 'release', 'verified', release.commit.slice(0, 7), {
      commit: release.commit,
      buildId: release.buildId,
    }),
  ]
}
