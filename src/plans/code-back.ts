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

/** A release from before it was written must not take it away: nothing could be done with what is live then. */
const CONFIGURATION = 'knowngood.yaml'

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
  const { records, marks } = recordPaths(project)
  const by = { ...decided.by, at: decided.now }
  const input = {
    to: goal,
    parent: tip,
    records,
    marks,
    carry: [CONFIGURATION],
    message,
    by,
    buildId: project.build.id,
  }
  const index = `GIT_INDEX_FILE="$(git rev-parse --absolute-git-dir)"/${decided.run}`
  const words = (paths: readonly string[]): string => paths.map(shellWord).join(' ')
  const taken = (paths: string): string => `git ls-tree -r ${tip} -- ${paths} | ${index} git update-index --index-info`
  return step(
    'commit',
    'Make the commit',
    [
      call(
        'rollback.commit',
        input,
        `a new commit with the tree of ${goal.slice(0, 7)} on ${tip.slice(0, 7)}; records that are committed stay`,
        [
          sh(`${index} git read-tree ${goal}`),
          sh(
            `if git ls-tree ${tip} -- ${words(marks)} | grep -q .; then ${index} git rm -rfq --cached --ignore-unmatch -- ${words(records)}; ${taken(words(records))}; fi`,
          ),
          sh(`git cat-file -e ${goal}:${CONFIGURATION} 2>/dev/null || ${taken(CONFIGURATION)}`),
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

/** What is written down about releases, and, of that, the files that every release writes to. */
function recordPaths({ logs, evidence, drills }: Project): Record<'records' | 'marks', string[]> {
  const [audit, dir] = ['.verification_audit.log', plain(logs.dir)]
  const records = [audit, dir, plain(evidence.dir), plain(drills.log)].filter((path) => path !== '' && path !== '.')
  return { records, marks: [audit, `${dir}/index.json`] }
}

const plain = (path: string): string => path.replace(/^(?:\.\/)+|\/+$/g, '')

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
