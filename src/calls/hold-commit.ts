import { held } from '../core/failure.ts'
import { BACKUP_REFS } from '../core/paths.ts'
import type { Io } from '../core/plan.ts'
import { openGit } from '../world/git.ts'
import { hasCommit, readCommit } from '../world/git-history.ts'
import { pushAtomic } from '../world/git-push.ts'
import { deleteRef, readRef, updateRef } from '../world/git-refs.ts'
import { fetchRemote, readRemoteRef } from '../world/git-remote.ts'

/** Keeps a commit and every object of it from garbage collection under a backup's id, here and on the remote. */
export async function holdCommit(io: Io, id: string, commit: string, remote: string | null): Promise<void> {
  const git = openGit(io.root)
  if (!(await hasCommit(git, commit)) && remote !== null) await fetchRemote(git, remote, { signal: io.signal })
  if (!(await hasCommit(git, commit))) {
    throw held('The live commit is not in this clone', `${commit} could not be fetched`, [
      'git fetch, then back up again.',
    ])
  }
  // Every object of the commit, not only its name: what is missing now cannot be returned to.
  await git.raw(['rev-list', '--objects', '--no-walk', '--quiet', '--end-of-options', commit], { signal: io.signal })
  const ref = `${BACKUP_REFS}/${id}`
  const here = await readRef(git, ref)
  if (here !== commit) await updateRef(git, ref, commit, here)
  if (remote === null) return
  const there = await readRemoteRef(git, remote, ref, { signal: io.signal })
  if (there !== commit) await pushAtomic(git, remote, [{ src: commit, dst: ref, expect: there }], { signal: io.signal })
}

/** Lets a backup's commit go, here and on the remote; a ref that leads elsewhere is not ours any more. */
export async function releaseCommit(io: Io, id: string, commit: string, remote: string | null): Promise<void> {
  const git = openGit(io.root)
  const ref = `${BACKUP_REFS}/${id}`
  if ((await readRef(git, ref)) === commit) await deleteRef(git, ref, commit)
  if (remote === null || (await readRemoteRef(git, remote, ref, { signal: io.signal })) !== commit) return
  await pushAtomic(git, remote, [{ src: null, dst: ref, expect: commit }], { signal: io.signal })
}

/** The first line of a commit's own message. A plan knows it of what is next only; of others it has what a tag or a log says. */
export async function subjectOf<T extends string | null>(io: Io, commit: string, planned: T): Promise<string | T> {
  return (await readCommit(openGit(io.root), commit))?.subject ?? planned
}
