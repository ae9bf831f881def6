import type { LockHolder } from '../core/facts.ts'
import { known, unknown } from '../core/known.ts'
import type { Known } from '../core/known.ts'
import { statePaths } from '../core/paths.ts'
import { readJson } from '../world/files.ts'
import { isAlive } from '../world/identity.ts'
import type { SeenGit } from './git.ts'
import type { RemoteAnswer } from './remote.ts'

/** Who works in this clone; null when nobody does, also when whoever took the lock is no more. */
export async function observeLocalLock(root: string): Promise<LockHolder | null> {
  const said = await readJson(statePaths(root).lock).catch(() => null)
  if (said === null || typeof said !== 'object' || Array.isArray(said)) return null
  const holder = { oid: null, ...said } as unknown as LockHolder
  return isAlive(holder) ? holder : null
}

/** Who holds the lock on the remote: as it says now when it was asked, else as it said last. */
export async function observeSharedLock(
  seen: Promise<Known<SeenGit>>,
  asked: Promise<RemoteAnswer | null> | null,
  at: string,
): Promise<Known<LockHolder | null>> {
  const answer = await asked
  if (answer?.ok === false) return unknown(answer.because, 'Check the address and your access: git ls-remote', at)
  if (answer?.ok === true) return known(answer.lock?.holder ?? null, at)
  const git = await seen
  return git.ok ? known(git.value.lock?.holder ?? null, at) : unknown(git.because, git.fix, at)
}
