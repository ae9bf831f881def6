import type { ListedBackup } from '../core/backup.ts'
import type { Facts } from '../core/facts.ts'
import { valueOr } from '../core/known.ts'
import { UNDO_REFS } from '../core/paths.ts'
import type { Ref, Step } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { buildIdOf, needsBuild, pushesBranch } from '../core/release.ts'
import { shellWord } from '../core/shell.ts'
import { call, lookAt, step } from '../core/step.ts'
import type { Decided } from './decided.ts'
import { remoteOf } from './parts.ts'
import { buildStep, provenBack, removeCheckout, unpackStep } from './release-parts.ts'
import { targetSteps } from './target-steps.ts'

/** How code goes back to a commit: what will be live, and the steps to it. `always` clears what was built. */
export type CodeBack = { commit: string | Ref; buildId: string | Ref; steps: Step[]; always: Step[] }

/** `goal` is the commit to return to, `to` what people call it. */
type Wish = { goal: string; to: string; by: 'revert' | 'reset' }

/** The same targets bring an earlier commit's state live: by a new commit with its tree, or by the commit itself. */
export function codeBack(project: Project, facts: Facts, decided: Decided, { goal, to, by }: Wish): CodeBack {
  const remote = remoteOf(facts)
  const git = facts.git.ok ? facts.git.value : null
  const tip = git?.remoteBranch ?? git?.next?.oid ?? ''
  const pushes = pushesBranch(project)
  // Where no target pushes, a commit on the branch would bring nothing live: the old one itself is released again.
  const revert = by === 'revert' && pushes
  const commit: string | Ref = revert ? { $: 'commit.commit' } : goal
  const buildId: string | Ref = revert ? { $: 'commit.buildId' } : buildIdOf(project.build.id, goal)
  // An archive carries the BUILD_ID of its own commit; a new commit must be built for its own.
  const archived = revert || !needsBuild(project) ? null : archiveOf(facts, goal)
  const steps = [
    ...(revert ? [revertStep(project, decided, goal, tip, to)] : pushes ? [keepStep(decided, remote, tip)] : []),
    ...(archived !== null ? [unpackStep(decided, archived)] : []),
    ...(needsBuild(project) && archived === null ? [buildStep(project, decided, commit, buildId)] : []),
    ...provenBack(
      project,
      facts,
      targetSteps(project, decided, {
        way: 'back',
        commit,
        buildId,
        from: git?.remoteBranch ?? null,
        rewinds: !revert,
        remote,
      }),
    ),
  ]
  return { commit, buildId, steps, always: needsBuild(project) ? [removeCheckout(decided)] : [] }
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
  const keep = recordPaths(project)
  const by = { ...decided.by, at: decided.now }
  const input = { to: goal, parent: tip, keep, message, by, buildId: project.build.id }
  const index = `GIT_INDEX_FILE="$(git rev-parse --absolute-git-dir)"/${decided.run}`
  const records = keep.map(shellWord).join(' ')
  return step(
    'commit',
    'Make the commit',
    [
      call(
        'rollback.commit',
        input,
        `a new commit with the tree of ${goal.slice(0, 7)} on ${tip.slice(0, 7)}; records stay`,
        [
          sh(`${index} git read-tree ${goal}`),
          sh(`${index} git rm -rfq --cached --ignore-unmatch -- ${records}`),
          sh(`git ls-tree -r ${tip} -- ${records} | ${index} git update-index --index-info`),
          sh(`git commit-tree -p ${tip} -m ${shellWord(message)} "$(${index} git write-tree)"`),
        ],
      ),
    ],
    {
      detail: `the tree of ${goal.slice(0, 7)}`,
      effect: 'local',
      gives: ['commit', 'buildId'],
      probe: call('rollback.commit.probe', {}, 'it may be made again, and is the same'),
    },
  )
}

/** What was written down about releases: it is kept when code goes back, and stands in no clone's way. */
function recordPaths({ logs, evidence, drills }: Project): string[] {
  const paths = ['.verification_audit.log', logs.dir, evidence.dir, drills.log]
  return paths.map((path) => path.replace(/^(?:\.\/)+|\/+$/g, '')).filter((path) => path !== '' && path !== '.')
}

function sh(line: string): string[] {
  return ['sh', '-c', line]
}

function keepStep(decided: Decided, remote: string | null, tip: string): Step {
  const ref = `${UNDO_REFS}/${decided.run}`
  const input = { remote, ref, commit: tip }
  const byHand = [
    ['git', 'update-ref', ref, tip],
    ...(remote === null ? [] : [['git', 'push', remote, `${tip}:${ref}`]]),
  ]
  const forget = [
    ...(remote === null ? [] : [['git', 'push', `--force-with-lease=${ref}:${tip}`, remote, `:${ref}`]]),
    ['git', 'update-ref', '-d', ref, tip],
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
      undo: [call('undo.forget', input, `remove ${ref}`, forget)],
    },
  )
}
