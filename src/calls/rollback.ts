import { join } from 'node:path'
import type { CallRegistry, Io } from '../core/plan.ts'
import { buildIdOf } from '../core/release.ts'
import { openGit } from '../world/git.ts'
import { commitTree, treeKeeping } from '../world/git-commit.ts'
import type { Signature } from '../world/git-commit.ts'
import { pushAtomic } from '../world/git-push.ts'
import { deleteRef, readRef, updateRef } from '../world/git-refs.ts'
import { readRemoteRef } from '../world/git-remote.ts'

/** `keep`: what people and we have written down meanwhile, which no way back takes away. */
type Revert = { to: string; parent: string; keep?: string[]; message: string; by: Signature; buildId: string }
type Keep = { remote: string | null; ref: string; commit: string }

export const rollbackCalls = {
  /** A commit with the old tree on top of what is there; the same words and dates always give the same one. */
  'rollback.commit': async ({ to, parent, keep = [], message, by, buildId }: Revert, io: Io) => {
    const git = openGit(io.root)
    const index = join(io.dir, 'index')
    const tree = await treeKeeping(git, { of: to, from: parent, paths: keep, index })
    const commit = await commitTree(git, { tree, parents: [parent], message, by })
    return { commit, buildId: buildIdOf(buildId, commit) }
  },

  /** Nothing points at such a commit yet, and making it again is free. */
  'rollback.commit.probe': async () => ({ state: 'absent', saw: null }),

  /** Keeps what a reset takes off the branch, here and on the remote. */
  'undo.keep': async ({ remote, ref, commit }: Keep, io: Io) => {
    const git = openGit(io.root)
    const here = await readRef(git, ref)
    if (here !== commit) await updateRef(git, ref, commit, here)
    if (remote === null) return { ref }
    const there = await readRemoteRef(git, remote, ref, { signal: io.signal })
    if (there !== commit)
      await pushAtomic(git, remote, [{ src: commit, dst: ref, expect: there }], { signal: io.signal })
    return { ref }
  },

  /** Lets go what was kept, where the reset is put back and takes nothing off. */
  'undo.forget': async ({ remote, ref, commit }: Keep, io: Io) => {
    const git = openGit(io.root)
    const there = remote === null ? null : await readRemoteRef(git, remote, ref, { signal: io.signal })
    if (remote !== null && there === commit)
      await pushAtomic(git, remote, [{ src: null, dst: ref, expect: commit }], { signal: io.signal })
    if ((await readRef(git, ref)) === commit) await deleteRef(git, ref, commit)
    return {}
  },

  'undo.kept': async ({ remote, ref, commit }: Keep, io: Io) => {
    const git = openGit(io.root)
    const there = remote === null ? commit : await readRemoteRef(git, remote, ref)
    const done = there === commit && (await readRef(git, ref)) === commit
    return { state: done ? 'done' : 'absent', saw: { there }, gives: { ref } }
  },
} satisfies CallRegistry
