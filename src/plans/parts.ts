import { join } from 'node:path'
import { commitLive } from '../core/commit-live.ts'
import type { Facts } from '../core/facts.ts'
import { valueOr } from '../core/known.ts'
import { LOCK_REF } from '../core/paths.ts'
import type { Ask, Step } from '../core/plan.ts'
import { confirmationName, type Project } from '../core/project.ts'
import { schemaNow } from '../core/schema-revision.ts'
import type { Decided } from './decided.ts'
import { call, lookAt, step } from '../core/step.ts'

/** The remote to work with; null when the repository has none. */
export function remoteOf(facts: Facts): string | null {
  return facts.git.ok ? (facts.git.value.remote?.name ?? null) : null
}

/** What is asked before what is live is replaced: the plan, why, and the typed name. */
export function askedFor(project: Project, text: string): Ask[] {
  const name = confirmationName(project)
  return [
    { id: 'review', kind: 'review', text, flag: '--yes' },
    { id: 'reason', kind: 'reason', text: 'Why? (kept in the audit log)', flag: '--reason' },
    { id: 'typed', kind: 'typed', text: `Type ${name} to go on`, expects: name, flag: `--confirm=${name}` },
  ]
}

/** Takes the lock that is shared through the remote; nothing where there is none. */
export function lockSteps(remote: string | null, decided: Decided, op: string, reason: string): Step[] {
  if (remote === null) return []
  const lock = { remote, nonce: decided.nonce }
  const { operator, host, waitMs = 0 } = decided
  const byHand = [['git', 'push', `--force-with-lease=refs/knowngood/lock:`, '--', remote, 'HEAD:refs/knowngood/lock']]
  return [
    step(
      'lock',
      'Lock',
      [
        call(
          'lock.acquire',
          { ...lock, op, operator, host, reason, ...(waitMs > 0 ? { waitMs } : {}) },
          `take refs/knowngood/lock on ${remote}`,
          byHand,
        ),
      ],
      {
        detail: 'refs/knowngood/lock',
        effect: 'outward',
        gives: ['oid'],
        // A remote that does not answer is found out before anything is begun that only it could put back.
        capture: call('lock.look', lock, 'who holds the lock', lookAt(remote, LOCK_REF)),
        probe: call('lock.probe', lock, 'whether the lock is ours', lookAt(remote, LOCK_REF)),
        undo: [call('lock.release', lock, 'give the lock back', releaseByHand(remote))],
      },
    ),
  ]
}

/** Gives the lock back at every end. */
export function unlockSteps(remote: string | null, decided: Decided): Step[] {
  if (remote === null) return []
  const lock = { remote, nonce: decided.nonce }
  return [
    step(
      'unlock',
      'Release the lock',
      [call('lock.release', lock, 'give the shared lock back', releaseByHand(remote))],
      {
        effect: 'outward',
        gives: ['was'],
        probe: call('lock.released', lock, 'whether the lock is still ours', lookAt(remote, LOCK_REF)),
        stop: 'never',
        onFail: 'owe',
        onlyAfter: 'lock',
      },
    ),
  ]
}

/** Ours alone: a colleague who has taken it meanwhile keeps it. */
export const releaseByHand = (remote: string) => [
  ['git', 'push', `--force-with-lease=${LOCK_REF}:<lock.oid>`, '--', remote, `:${LOCK_REF}`],
]

/** The rules a gate is read by again, without the rest of the project. */
export function gateRules(project: Project) {
  const { checks, confirmations, validMs } = project.gate
  return { checks, confirmations, validMs }
}

/** Looks again, under the lock, whether the refs stand where the review saw them. */
export function basisStep(basis: {
  remote: string | null
  here: Record<string, string | null>
  there: Record<string, string | null>
  gate: { commit: string; rules: ReturnType<typeof gateRules>; after?: boolean } | null
}): Step {
  const look = basis.remote === null ? [['git', 'for-each-ref']] : [['git', 'ls-remote', '--', basis.remote]]
  return step('basis', 'Look again', [call('basis.check', basis, 'compare with what was reviewed', look)], {
    detail: 'nothing moved since the review',
    probe: call('basis.probe', basis, 'whether it held', look),
    stop: 'anytime',
  })
}

/** A commit pointer to what is live. Finished backups are never undone. */
export function quickStep(
  project: Project,
  facts: Facts,
  decided: Decided,
  notes: string | null,
  session: boolean,
): Step | null {
  const live = commitLive(facts)
  if (live === null || !facts.git.ok) return null
  const { dir } = project.backups.quick
  const id = quickId(decided)
  const remote = remoteOf(facts)
  const { operator, host, run } = decided
  const record = {
    id,
    type: 'quick' as const,
    timestamp: decided.now,
    commitHash: live.commit,
    commitMessage: subjectOf(facts, live.commit),
    branch: project.git.branch,
    ...(notes === null ? {} : { notes }),
    commitFrom: live.from,
    schemaRevision: schemaNow(facts.sources) ?? null,
    operator,
    run,
    exports: [] as [],
  }
  const input = { dir, record, remote, session: session ? { operator, host } : null }
  const ref = `refs/knowngood/backups/${id}`
  const byHand = [
    ['git', 'update-ref', ref, live.commit],
    ...(remote === null ? [] : [['git', 'push', remote, `${live.commit}:${ref}`]]),
  ]
  return step(
    'backup',
    'Back up',
    [call('backup.quick', input, `keep ${live.commit.slice(0, 7)}, which is live, as ${id}`, byHand)],
    {
      detail: id,
      effect: 'outward',
      gives: ['id', 'commit', 'path', 'at', 'bytes'],
      probe: call(
        'backup.quick.probe',
        input,
        'whether the record, its reference and its proof are there',
        lookAt(remote, ref),
      ),
    },
  )
}

/** The id of the run's own quick backup: `quick-<ms>`. */
export function quickId(decided: Decided): string {
  return `quick-${Date.parse(decided.now)}`
}

/** Where its record is to be, relative to the root. */
export function quickPathOf(project: Project, decided: Decided): string {
  return join(project.backups.quick.dir, `quick-backup-${Date.parse(decided.now)}.json`)
}

/** The subject of a commit as far as the facts carry it. */
export function subjectOf(facts: Facts, commit: string): string {
  if (!facts.git.ok) return ''
  const { next, tags } = facts.git.value
  if (next?.oid === commit) return next.subject
  const log = valueOr(facts.logs, []).find((one) => one.commit === commit)
  return tags.find((tag) => tag.commit === commit)?.subject ?? log?.title ?? ''
}

/** Where the clean checkout of a run stands. */
export function checkoutOf(decided: Decided): string {
  return join(decided.temp, `knowngood-${decided.run}`)
}
