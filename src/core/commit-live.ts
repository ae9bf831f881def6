import type { Facts } from './facts.ts'

export type CommitLive = { commit: string; from: 'live' | 'prod-current' | 'branch' }

/**
 * The commit that is live: the proven BUILD_ID's, else where the current branch stands, else the remote branch.
 * Null when none of them is known: there is nothing a backup could point at.
 */
export function commitLive(facts: Pick<Facts, 'git' | 'live'>): CommitLive | null {
  if (facts.live.ok && facts.live.value.matches !== null) return { commit: facts.live.value.matches, from: 'live' }
  if (!facts.git.ok) return null
  const { current, remoteBranch, remote, next } = facts.git.value
  if (current !== null) return { commit: current, from: 'prod-current' }
  const tip = remoteBranch ?? (remote === null ? (next?.oid ?? null) : null)
  return tip === null ? null : { commit: tip, from: 'branch' }
}
