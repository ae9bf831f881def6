import { LOCK_REF } from '../core/paths.ts'
import { now } from './clock.ts'
import type { Git } from './git.ts'
import { renewal } from './git-lock.ts'
import { PushRefused, pushAtomic } from './git-push.ts'
import type { PushOptions, RefUpdate } from './git-push.ts'

/**
 * Publishes these refs and a new heartbeat of our lock in one atomic push: an operator whose lock was taken over while
 * they slept is refused by the remote itself, with nothing published. The heartbeat must be a new commit, for git
 * leaves refs that would not change out of a push, lease and all.
 */
export async function pushFenced(
  git: Git,
  remote: string,
  nonce: string,
  updates: readonly RefUpdate[],
  options: PushOptions = {},
): Promise<void> {
  const { signal } = options
  for (let attempt = 1; ; attempt++) {
    const lock = await renewal(git, remote, nonce, now().toISOString(), signal === undefined ? {} : { signal })
    try {
      await pushAtomic(git, remote, [...updates, { src: lock.oid, dst: LOCK_REF, expect: lock.replaces }], options)
      return
    } catch (error) {
      // The run's own heartbeat may have come between; a lock that is not ours is said by the next renewal.
      const lockOnly =
        error instanceof PushRefused && error.refs.length > 0 && error.refs.every(({ ref }) => ref === LOCK_REF)
      if (!lockOnly || attempt === 3) throw error
    }
  }
}
