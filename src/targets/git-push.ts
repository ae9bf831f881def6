import { z } from 'zod'
import { messageOf } from '../core/failure.ts'
import { known, unknown } from '../core/known.ts'
import type { Arg, Call, Step } from '../core/plan.ts'
import type { DeployContext, Place, Target } from '../core/plug-in.ts'
import { now } from '../world/clock.ts'
import { openGit } from '../world/git.ts'
import { readRemoteRef } from '../world/git-remote.ts'
import { gitPushCalls } from './git-push-calls.ts'

/** The remote and the branch are the project's own: what is reviewed, leased and undone is that branch. */
const options = z.strictObject({})

type Options = Record<string, never>

/** Pushes the deploy branch; the host builds or publishes from it. The only step that pushes the branch. */
export const gitPush: Target<Options> = {
  use: 'git-push',
  says: 'Pushes the branch to the remote, with a lease; the host publishes what is pushed.',
  options,
  // Every repository has a branch to push; `init` itself writes this target where there is a remote.
  detect: async () => [],
  doctor: async (_, place) => {
    const { remote, branch } = place.git
    try {
      const oid = await readRemoteRef(openGit(place.root), remote, `refs/heads/${branch}`, { timeoutMs: 15_000 })
      const says =
        oid === null
          ? `${remote} answers, and has no branch ${branch} yet`
          : `${remote}/${branch} is at ${oid.slice(0, 7)}`
      return [{ id: 'git-push', ok: true, says, fix: '' }]
    } catch (error) {
      const fix = `Check the address and your access: git ls-remote ${remote}`
      return [{ id: 'git-push', ok: false, says: messageOf(error), fix }]
    }
  },
  observe: async (_, place) => {
    const { remote, branch } = place.git
    const at = now().toISOString()
    try {
      const oid = await readRemoteRef(openGit(place.root), remote, `refs/heads/${branch}`, bounded(place))
      return known({ settled: true, live: oid, deployId: oid }, at)
    } catch (error) {
      return unknown(messageOf(error), `Check the address and your access: git ls-remote ${remote}`, at)
    }
  },
  calls: gitPushCalls,
  deploy: (_, context) => step(context),
  back: (_, context) => step(context),
}

function step(context: DeployContext): Step {
  const { remote, branch, commit, from, rewinds, lock } = context
  const ref = `refs/heads/${branch}`
  const place = { remote, branch }
  const look: Arg[][] = [['git', 'ls-remote', '--', remote, ref]]
  const push = (src: Arg, expect: string): Arg[][] => [
    ['git', 'push', '--atomic', `--force-with-lease=${ref}:${expect}`, '--', remote, `${word(src)}:${ref}`],
  ]
  return {
    id: context.id,
    title: 'git push',
    detail: `${branch} to ${remote}`,
    effect: 'outward',
    fence: true,
    capture: call('git-push.capture', place, `where ${remote}/${branch} stands`, look),
    actions: [
      call(
        'git-push.push',
        { ...place, commit, from, rewinds, lock },
        `push ${word(commit)} to ${remote}/${branch}`,
        push(commit, from ?? ''),
      ),
    ],
    gives: ['pushed', 'oid'],
    probe: call('git-push.probe', { ...place, commit, from }, `whether ${remote}/${branch} is there`, look),
    undo: [
      call(
        'git-push.back',
        { ...place, ours: commit, to: { $: 'was.oid' }, lock },
        from === null ? `remove ${branch} from ${remote}` : `push ${remote}/${branch} back to ${from.slice(0, 7)}`,
        push(from ?? '', word(commit)),
      ),
    ],
    stop: 'before',
    onFail: 'undo',
  }
}

function call(name: string, input: Call['input'], says: string, byHand: Arg[][]): Call {
  return { do: 'call', name, input, says, byHand }
}

function word(arg: Arg): string {
  if (typeof arg === 'string') return arg
  return '$' in arg ? `<${arg.$}>` : `$${arg.secret}`
}

function bounded(place: Place): { timeoutMs: number; signal?: AbortSignal } {
  return { timeoutMs: 10_000, ...(place.signal === undefined ? {} : { signal: place.signal }) }
}
