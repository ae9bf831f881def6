import { EXIT, UserError } from '../core/failure.ts'
import type { LockHolder } from '../core/facts.ts'
import { LOCK_REF } from '../core/paths.ts'
import type { Git, GitOptions } from './git.ts'
import { commitTree, emptyTree } from './git-commit.ts'
import { lockMessage, readLockMessage } from './git-lock-message.ts'
import { GitFailed } from './git.ts'
import { PushRefused, pushAtomic } from './git-push.ts'
import { deleteRef, readRef, resolveCommit, updateRef } from './git-refs.ts'
import { fetchObjects, readRemoteRef } from './git-remote.ts'

/** `oid` is the commit the lock's ref points at; it changes with every heartbeat, the nonce stays a run's own. */
export type SharedLock = { oid: string; nonce: string; holder: LockHolder }

export type LockAttempt = { won: true; oid: string } | { won: false; held: SharedLock }

type Bounded = Pick<GitOptions, 'signal' | 'timeoutMs'>

/**
 * Takes the lock on the remote, or says who has it. Exactly one of any number of rivals wins: the nonce makes every
 * attempt another commit, without it two pushes of the same one would both be told that all is well.
 * A lock that already carries this nonce is ours, so that a run may ask again after a crash.
 */
export async function acquireSharedLock(
  git: Git,
  remote: string,
  holder: LockHolder,
  nonce: string,
  options: Bounded = {},
): Promise<LockAttempt> {
  const oid = await writeLock(git, holder, nonce)
  return claim(git, remote, oid, null, nonce, options)
}

/** Takes the lock from whoever holds it at `from`; lost when it has moved in the meantime. The caller has asked and recorded why. */
export async function takeOverSharedLock(
  git: Git,
  remote: string,
  from: string,
  holder: LockHolder,
  nonce: string,
  options: Bounded = {},
): Promise<LockAttempt> {
  const oid = await writeLock(git, holder, nonce)
  return claim(git, remote, oid, from, nonce, options)
}

async function claim(
  git: Git,
  remote: string,
  oid: string,
  expect: string | null,
  nonce: string,
  options: Bounded,
): Promise<LockAttempt> {
  for (let attempt = 1; ; attempt++) {
    try {
      await pushAtomic(git, remote, [{ src: oid, dst: LOCK_REF, expect }], options)
      await keepLockCopy(git, oid)
      return { won: true, oid }
    } catch (error) {
      if (!(error instanceof PushRefused)) throw error
      const held = await readSharedLock(git, remote, options)
      if (held?.nonce === nonce) return { won: true, oid: held.oid }
      if (held !== null) return { won: false, held }
      // Released between our push and our look. A takeover's lease can never hold again; a refusal that repeats is a rule of the remote.
      if (attempt === 3) throw error
      expect = null
    }
  }
}

/** Asks the remote who holds the lock, and keeps a copy here; null when nobody does. */
export async function readSharedLock(git: Git, remote: string, options: Bounded = {}): Promise<SharedLock | null> {
  const oid = await readRemoteRef(git, remote, LOCK_REF, options)
  if (oid === null) {
    await keepLockCopy(git, null)
    return null
  }
  if (!(await has(git, oid))) {
    try {
      await fetchObjects(git, remote, [LOCK_REF], options)
    } catch (error) {
      // It may have been released or renewed between the two questions.
      if (!(error instanceof GitFailed)) throw error
    }
    if (!(await has(git, oid))) {
      const now = await readRemoteRef(git, remote, LOCK_REF, options)
      return now === oid ? lockOf(oid, '') : readSharedLock(git, remote, options)
    }
  }
  await keepLockCopy(git, oid)
  return readAt(git, oid)
}

/** Who held the lock when the remote was last asked; no network. */
export async function lastSharedLock(git: Git): Promise<SharedLock | null> {
  const oid = await readRef(git, LOCK_REF)
  return oid === null ? null : readAt(git, oid)
}

/** A new heartbeat on our own lock: the commit to push, and the one it must replace. Throws when the lock is no longer ours. */
export async function renewal(
  git: Git,
  remote: string,
  nonce: string,
  at: string,
  options: Bounded = {},
): Promise<{ oid: string; replaces: string }> {
  const held = await readSharedLock(git, remote, options)
  if (held === null || held.nonce !== nonce) throw lockLost(held)
  return { oid: await writeLock(git, { ...held.holder, heartbeat: at }, nonce), replaces: held.oid }
}

/** Says that we are still at work. Throws a UserError (exit 6) when the lock is no longer ours. */
export async function renewSharedLock(
  git: Git,
  remote: string,
  nonce: string,
  at: string,
  options: Bounded = {},
): Promise<string> {
  const { oid, replaces } = await renewal(git, remote, nonce, at, options)
  try {
    await pushAtomic(git, remote, [{ src: oid, dst: LOCK_REF, expect: replaces }], options)
    await keepLockCopy(git, oid)
    return oid
  } catch (error) {
    if (!(error instanceof PushRefused)) throw error
    // A push of ours that carried a heartbeat may have come between.
    const held = await readSharedLock(git, remote, options)
    if (held?.nonce === nonce) return held.oid
    throw lockLost(held)
  }
}

/** Gives the lock back if it is ours; another's is left alone. */
export async function releaseSharedLock(
  git: Git,
  remote: string,
  nonce: string,
  options: Bounded = {},
): Promise<'released' | 'gone' | 'foreign'> {
  for (let attempt = 1; ; attempt++) {
    const held = await readSharedLock(git, remote, options)
    if (held === null) return 'gone'
    if (held.nonce !== nonce) return 'foreign'
    try {
      await pushAtomic(git, remote, [{ src: null, dst: LOCK_REF, expect: held.oid }], options)
      await keepLockCopy(git, null)
      return 'released'
    } catch (error) {
      // Our own heartbeat may have moved it between the look and the push.
      if (!(error instanceof PushRefused) || attempt === 3) throw error
    }
  }
}

/** The run must stop: somebody else works on production now, or has ended our lock. */
export function lockLost(held: SharedLock | null): UserError {
  const who =
    held === null
      ? 'nobody holds it now'
      : `${held.holder.operator}@${held.holder.host} holds it: ${held.holder.reason || held.holder.op}`
  const next = ['See what is there: knowngood lock', 'Then settle this run: knowngood resume']
  return new UserError('The shared lock is no longer ours', who, next, EXIT.locked)
}

async function writeLock(git: Git, holder: LockHolder, nonce: string): Promise<string> {
  const by = { name: 'knowngood', email: 'knowngood@localhost', at: holder.heartbeat }
  return commitTree(git, { tree: await emptyTree(git), parents: [], message: lockMessage(holder, nonce), by })
}

/** A lock as its commit tells it. */
export function lockOf(oid: string, message: string): SharedLock {
  return { oid, ...readLockMessage(message, oid) }
}

async function readAt(git: Git, oid: string): Promise<SharedLock> {
  const commit = await git.raw(['cat-file', 'commit', oid]).catch(() => '')
  return lockOf(oid, commit.slice(commit.indexOf('\n\n') + 2))
}

async function has(git: Git, oid: string): Promise<boolean> {
  return (await resolveCommit(git, oid)) !== null
}

/** The copy is for looking without a network; two of us writing it at once harms nobody. */
export async function keepLockCopy(git: Git, oid: string | null): Promise<void> {
  const here = await readRef(git, LOCK_REF)
  if (here === oid) return
  const change = oid === null ? deleteRef(git, LOCK_REF, here ?? '') : updateRef(git, LOCK_REF, oid, here)
  await change.catch(() => undefined)
}
