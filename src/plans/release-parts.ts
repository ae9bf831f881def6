import type { Facts } from '../core/facts.ts'
import type { Arg, Ref, Step } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { pushesBranch, tellsBuildId } from '../core/release.ts'
import type { Decided } from './decided.ts'
import { checkoutOf } from './parts.ts'
import { call, step } from '../core/step.ts'

const BUILD_MS = 3_600_000
const IDLE_MS = 900_000

type Value = string | Ref

/** A clean checkout, the build's own commands in it, and the BUILD_ID where the project wants it. */
export function buildStep(project: Project, decided: Decided, commit: Value, buildId: Value): Step {
  const path = checkoutOf(decided)
  const { run, stamp } = project.build
  const env = { KNOWNGOOD_COMMIT: commit, KNOWNGOOD_BUILD_ID: buildId }
  const tree = { path, commit }
  const commands = run.map((argv) => ({
    do: 'exec' as const,
    argv,
    cwd: path,
    env,
    idleMs: IDLE_MS,
    timeoutMs: BUILD_MS,
    okCodes: [0],
  }))
  const stamps =
    stamp.length === 0
      ? []
      : [
          call(
            'stamp.write',
            { path, stamps: stamp, buildId },
            `write the BUILD_ID into ${stamp.map((one) => one.file).join(', ')}`,
          ),
        ]
  const remove = call('worktree.remove', { path }, `remove ${path}`, [['git', 'worktree', 'remove', '--force', path]])
  return step(
    'build',
    'Build',
    [
      call('worktree.add', tree, `check ${said(commit)} out into ${path}`, [
        ['git', 'worktree', 'add', '--detach', path, commit],
      ]),
      ...commands,
      ...stamps,
      call('build.mark', tree, 'note that the build is whole'),
    ],
    {
      detail:
        run.length === 0
          ? 'clean checkout'
          : `clean checkout, ${run.length === 1 ? '1 command' : `${run.length} commands`}`,
      effect: 'local',
      gives: ['path'],
      probe: call('worktree.probe', tree, 'whether the checkout is built', [['git', 'worktree', 'list']]),
      undo: [remove],
      stop: 'anytime',
    },
  )
}

/** The artefact as it was released then, in the place where a build would stand. */
export function unpackStep(decided: Decided, archive: { path: string; digest: string }): Step {
  const to = checkoutOf(decided)
  const input = { path: archive.path, digest: archive.digest, to }
  const byHand = [
    ['sha256sum', archive.path],
    ['unzip', '-q', archive.path, '-d', to],
  ]
  return step(
    'unpack',
    'Unpack',
    [call('artefact.unpack', input, `unpack ${archive.path}, as it was released, into ${to}`, byHand)],
    {
      detail: archive.path,
      effect: 'local',
      gives: ['path'],
      probe: call('artefact.unpacked', input, 'whether it is unpacked', [['ls', to]]),
      undo: [call('worktree.remove', { path: to }, `remove ${to}`, [['rm', '-r', to]])],
      stop: 'anytime',
    },
  )
}

/** Removes the clean checkout at every end; one that stays is owed. */
export function removeCheckout(decided: Decided): Step {
  const path = checkoutOf(decided)
  return step(
    'clean',
    'Clean up',
    [call('worktree.remove', { path }, `remove ${path}`, [['git', 'worktree', 'remove', '--force', path]])],
    {
      effect: 'local',
      probe: call('again.probe', {}, 'it may be removed again'),
      stop: 'never',
      onFail: 'owe',
    },
  )
}

/** N true reads in a row, cache-busted, and one as any visitor reads. What was released stays when they fail. */
export function verifyStep(project: Project, buildId: Value, reads = project.verify.reads): Step {
  const { checks, timeoutMs } = project.verify
  const urls = checks.flatMap((check) => (check.kind === 'url' ? [check.url] : []))
  const byHand: Arg[][] = checks.map((check) => (check.kind === 'url' ? ['curl', '-fsS', '-i', check.url] : check.run))
  const id = typeof buildId === 'string' ? `BUILD_ID ${said(buildId)}` : 'the BUILD_ID of the new commit'
  const proof = tellsBuildId(checks) ? `prove ${id} live` : `see that production answers (no check names ${id})`
  const says = `${proof}, ${reads} times in a row`
  return step('verify', 'Verify live', [call('live.verify', { checks, buildId, reads, timeoutMs }, says, byHand)], {
    detail:
      urls[0] === undefined ? `${checks.length} checks` : `${reads} ${reads === 1 ? 'read' : 'reads'} of ${urls[0]}`,
    gives: ['buildId', 'reads', 'at'],
    stop: 'anytime',
    onFail: 'halt',
    haltExit: 7,
  })
}

/**
 * Those steps to the targets, which prove when all are put back that what was live before is served again: a host takes
 * its time. Only its BUILD_ID is asked for, for it may be a bad release that is returned to; where nothing told what was
 * live, or it was not what the branch held, nothing is proven.
 */
export function provenBack(project: Project, facts: Facts, targets: readonly Step[]): Step[] {
  const [first, ...rest] = targets
  const { live, git } = facts
  const checks = project.verify.checks.filter((check) => check.kind === 'url' && check.contains?.includes('{id}'))
  if (first?.undo === undefined || !live.ok || live.value.matches === null || checks.length === 0) return [...targets]
  if (pushesBranch(project) && (!git.ok || git.value.remoteBranch !== live.value.matches)) return [...targets]
  const { buildId } = live.value
  const input = { checks, buildId, reads: 1, timeoutMs: project.verify.timeoutMs }
  const byHand = checks.map((check) => (check.kind === 'url' ? ['curl', '-fsS', check.url] : []))
  const proof = call('live.verify', input, `prove that BUILD_ID ${said(buildId)} is live again`, byHand)
  return [{ ...first, undo: [...first.undo, proof] }, ...rest]
}

function said(value: Value): string {
  return typeof value === 'string' ? value.slice(0, 12) : 'the new commit'
}
