import type { GitFacts } from './facts.ts'

/** Why the branch has no commit here, and what brings one: where only the remote has the branch, nothing is committed. */
export function unborn({ branch, remote, remoteBranch }: Pick<GitFacts, 'branch' | 'remote' | 'remoteBranch'>): {
  why: string
  fix: string
} {
  return remote !== null && remoteBranch !== null
    ? { why: `there is no branch ${branch} here, only ${remote.name}/${branch}`, fix: `git switch ${branch}` }
    : { why: `${branch} has no commits`, fix: `commit something to ${branch} first` }
}
