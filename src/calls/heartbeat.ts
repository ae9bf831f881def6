import type { Io } from '../core/plan.ts'
import { now } from '../world/clock.ts'
import { openGit } from '../world/git.ts'
import { renewSharedLock } from '../world/git-lock.ts'

const EVERY_MS = 60_000

type Beating = { timer: NodeJS.Timeout; busy: Promise<unknown> }
const running = new Map<string, Beating>()

/**
 * Says once a minute that this run is at work, as long as the process lives. A beat that fails is no failure of the
 * run: the fence before each outward step tells whether the lock is still ours.
 */
export function beat(io: Io, lock: { remote: string; nonce: string }): void {
  if (running.has(io.run)) return
  const git = openGit(io.root)
  const beating: Beating = { busy: Promise.resolve(), timer: setInterval(renew, EVERY_MS) }
  function renew(): void {
    beating.busy = beating.busy
      .then(() => renewSharedLock(git, lock.remote, lock.nonce, now().toISOString()))
      .catch(() => undefined)
  }
  // It must not keep a finished process alive.
  beating.timer.unref()
  running.set(io.run, beating)
}

/** Ends the beats of a run and waits for the one under way. */
export async function stopBeating(run: string): Promise<void> {
  const beating = running.get(run)
  if (beating === undefined) return
  running.delete(run)
  clearInterval(beating.timer)
  await beating.busy
}
