import { minute } from '../core/age.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import { EXIT, messageOf, UserError } from '../core/failure.ts'
import type { CallRegistry, Io } from '../core/plan.ts'
import { shellWord } from '../core/shell.ts'
import { now } from '../world/clock.ts'
import { openGit } from '../world/git.ts'
import { acquireSharedLock, lockLost, readSharedLock, releaseSharedLock } from '../world/git-lock.ts'
import { ownMark } from '../world/identity.ts'
import { beat, stopBeating } from './heartbeat.ts'

export type LockInput = { remote: string; nonce: string }
type Take = LockInput & { op: string; operator: string; host: string; reason: string; waitMs?: number }

/** How long a waiting run leaves the remote alone between two attempts. */
const AGAIN_MS = 1000

/** The lock shared through the git remote, by its nonce. */
export const lockCalls = {
  'lock.acquire': async ({ remote, nonce, op, operator, host, reason, waitMs = 0 }: Take, io: Io) => {
    const until = performance.now() + waitMs
    const take = () => {
      const at = now().toISOString()
      const holder = { op, run: io.run, operator, host, ...ownMark(), reason, at, heartbeat: at, oid: null }
      return acquireSharedLock(openGit(io.root), remote, holder, nonce, { signal: io.signal })
    }
    let attempt = await take()
    while (!attempt.won && performance.now() < until) {
      await sleep(AGAIN_MS, undefined, { signal: io.signal })
      attempt = await take()
    }
    if (!attempt.won) {
      const { holder: other } = attempt.held
      const why = `${other.operator}@${other.host}: ${other.reason}, since ${minute(other.at)}`
      throw new UserError(
        'Production is locked',
        why,
        ['Wait for it with --wait 10m.', 'knowngood lock says who holds it.'],
        EXIT.locked,
      )
    }
    beat(io, { remote, nonce })
    return { oid: attempt.oid }
  },

  /** Who holds it before it is taken. Throws a UserError (exit 3) where the remote does not say. */
  'lock.look': async ({ remote }: LockInput, io: Io) => {
    const held = await readSharedLock(openGit(io.root), remote, { signal: io.signal }).catch((error: unknown) => {
      if (io.signal.aborted) throw error
      const next = [`Make it answer again: git ls-remote ${shellWord(remote)}`, 'Then begin anew; nothing was done.']
      throw new UserError('The shared lock could not be read', messageOf(error), next, EXIT.held)
    })
    return { oid: held?.oid ?? null }
  },

  'lock.probe': async ({ remote, nonce }: LockInput, io: Io) => {
    const held = await readSharedLock(openGit(io.root), remote, { signal: io.signal })
    if (held === null) return { state: 'absent', saw: null }
    if (held.nonce === nonce) beat(io, { remote, nonce })
    return {
      state: held.nonce === nonce ? 'done' : 'foreign',
      saw: { oid: held.oid, by: held.holder.operator },
      gives: { oid: held.oid },
    }
  },

  /** Stops the run when the lock is no longer ours. */
  'lock.fence': async ({ remote, nonce }: LockInput, io: Io) => {
    // Without a remote there is no shared lock to lose.
    if (remote === '') return { oid: null }
    const held = await readSharedLock(openGit(io.root), remote, { signal: io.signal })
    if (held === null || held.nonce !== nonce) throw lockLost(held)
    beat(io, { remote, nonce })
    return { oid: held.oid }
  },

  'lock.release': async ({ remote, nonce }: LockInput, io: Io) => {
    await stopBeating(io.run)
    return { was: await releaseSharedLock(openGit(io.root), remote, nonce) }
  },

  'lock.released': async ({ remote, nonce }: LockInput, io: Io) => {
    const held = await readSharedLock(openGit(io.root), remote)
    return { state: held?.nonce === nonce ? 'absent' : 'done', saw: { oid: held?.oid ?? null }, gives: { was: 'gone' } }
  },
} satisfies CallRegistry
