import { join } from 'node:path'
import type { CallRegistry, Io } from '../core/plan.ts'
import { buildIdOf } from '../core/release.ts'
import { openGit } from '../world/git.ts'
import { commitTree, presentIn, treeKeeping } from '../world/git-commit.ts'
import type { Signature } from '../world/git-commit.ts'
import { pushAtomic } from '../world/git-push.ts'
import { deleteRef, readRef, updateRef } from '../world/git-refs.ts'
import { readRemoteRef } from '../world/git-remote.ts'

/**
 * `records` stay as they are where the team commits what we write, which one of `marks` among its files shows: taken back, they
 * would stand in the way of every clone's next pull. `carry`: files that stay where the old tree has none.
 */
type Revert = {
  to: string
  parent: string
  records?: string[]
  marks?: string[]
  carry?: string[]
  message: string
  by: Signature
  buildId: string
}
type Keep = { remote: string | null; ref: string; commit: string }

export const rollbackCalls = {
  /** A commit with the old tree on top of what is there; the same words and dates always give the same one. */
  'rollback.commit': async ({ to, parent, message, by, buildId, ...wish }: Revert, io: Io) => {
    const git = openGit(io.root)
    const { records = [], marks = [], carry = [] } = wish
    const committed = await presentIn(git, parent, marks)
    const there = await presentIn(git, to, carry)
    const paths = [...(committed.length > 0 ? records : []), ...carry.filter((path) => !there.includes(path))]
    const tree = await treeKeeping(git, { of: to, from: parent, paths, index: join(io.dir, 'index') })
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
