import { held } from '../core/failure.ts'
import type { CallRegistry, Io } from '../core/plan.ts'
import { openGit } from '../world/git.ts'
import { makeTagObject } from '../world/git-commit.ts'
import type { Signature } from '../world/git-commit.ts'
import { pushAtomic } from '../world/git-push.ts'
import { readRef, updateRef } from '../world/git-refs.ts'
import { readRemoteRef } from '../world/git-remote.ts'

type Sacred = { remote: string | null; name: string; commit: string; message: string; by: Signature }

export const sacredCalls = {
  'sacred.tag': async ({ remote, ...tag }: Sacred, io: Io) => {
    const git = openGit(io.root)
    const ref = `refs/tags/${tag.name}`
    const oid = await makeTagObject(git, tag)
    const here = await readRef(git, ref)
    const there = remote === null ? null : await readRemoteRef(git, remote, ref, { signal: io.signal })
    if ([here, there].some((standing) => standing !== null && standing !== oid))
      throw held(`${tag.name} exists`, 'a sacred point never moves', ['Choose another name.'])
    if (remote !== null && there === null)
      await pushAtomic(git, remote, [{ src: oid, dst: ref, expect: null }], { signal: io.signal })
    if (here === null) await updateRef(git, ref, oid, null)
    return { oid }
  },

  'sacred.probe': async ({ remote, ...tag }: Sacred, io: Io) => {
    const git = openGit(io.root)
    const ref = `refs/tags/${tag.name}`
    const oid = await makeTagObject(git, tag)
    const at = remote === null ? await readRef(git, ref) : await readRemoteRef(git, remote, ref)
    return { state: at === null ? 'absent' : at === oid ? 'done' : 'foreign', saw: { oid: at }, gives: { oid } }
  },
} satisfies CallRegistry
