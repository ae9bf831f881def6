import { LOCK_REF } from '../core/paths.ts'
import type { Io } from '../core/plan.ts'
import { now } from '../world/clock.ts'
import { openGit } from '../world/git.ts'
import { renewal } from '../world/git-lock.ts'
import { PushRefused, pushAtomic } from '../world/git-push.ts'
import type { RefUpdate } from '../world/git-push.ts'

/** Publishes all refs in one atomic push that also renews our lock: whoever lost it publishes nothing. */
export async function pushFenced(io: Io, remote: string, nonce: string, updates: RefUpdate[]): Promise<void> {
  const git = openGit(io.root)
  for (let attempt = 1; ; attempt += 1) {
    const { oid, replaces } = await renewal(git, remote, nonce, now().toISOString(), { signal: io.signal })
    try {
      await pushAtomic(git, remote, [...updates, { src: oid, dst: LOCK_REF, expect: replaces }], { signal: io.signal })
      return
    } catch (error) {
      // Our own heartbeat may have moved the lock between the look and the push.
      const lockOnly =
        error instanceof PushRefused && error.refs.length > 0 && error.refs.every(({ ref }) => ref === LOCK_REF)
      if (!lockOnly || attempt === 3) throw error
    }
  }
}
