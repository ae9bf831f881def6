import { join } from 'node:path'
import { StepFailed } from '../core/failure.ts'
import type { CallRegistry, Io } from '../core/plan.ts'
import { auditHead } from '../records/audit-log.ts'
import { readText, writeWhole } from '../world/files.ts'
import { openGit } from '../world/git.ts'
import { makeTagObject } from '../world/git-commit.ts'
import type { Signature } from '../world/git-commit.ts'
import { pushFenced } from '../world/git-fenced-push.ts'
import { readRef, updateRef } from '../world/git-refs.ts'
import { readRemoteRefs } from '../world/git-remote.ts'

type Tag = { name: string; commit: string; message: string; by: Signature }
/** `tag` is null for a rollback, which moves the current branch and makes no tag. `from`: where the branch stood at review. */
export type Certify = {
  remote: string | null
  nonce: string | null
  tag: { name: string; oid: string } | null
  current: string
  from: string | null
  commit: string
}

export const certifyCalls = {
  /** The tag's object, written once: finishing an interrupted certification must give the very same one. */
  'tag.make': async ({ message, ...tag }: Tag, io: Io) => {
    const file = join(io.dir, 'tag')
    const standing = await readText(file)
    if (standing !== null) return { oid: standing.trim() }
    const head = await auditHead(io.root)
    const oid = await makeTagObject(openGit(io.root), { ...tag, message: `${message}Audit: ${head ?? 'none'}\n` })
    await writeWhole(file, `${oid}\n`)
    return { oid }
  },

  'tag.probe': async (_: Tag, io: Io) => {
    const oid = (await readText(join(io.dir, 'tag')))?.trim() ?? null
    return oid === null ? { state: 'absent', saw: null } : { state: 'done', saw: { oid }, gives: { oid } }
  },

  'certify.push': async (input: Certify, io: Io) => {
    const { remote, nonce, tag, current, from, commit } = input
    const stands = await standing(input, io)
    if (stands.state === 'done') return { commit }
    if (stands.state === 'foreign')
      throw new StepFailed('certify', `${current} or the tag has moved on the remote since this was reviewed`)
    if (remote !== null && nonce !== null) {
      const tagged = tag === null ? [] : [{ src: tag.oid, dst: `refs/tags/${tag.name}`, expect: null }]
      const updates = [...tagged, { src: commit, dst: `refs/heads/${current}`, expect: from }]
      // The release is live already: a pre-push hook that refuses now would only leave it without its name.
      await pushFenced(openGit(io.root), remote, nonce, updates, { signal: io.signal, hooks: false })
    }
    await keepHere(input, io)
    return { commit }
  },

  'certify.probe': async (input: Certify, io: Io) => {
    const seen = await standing(input, io)
    if (seen.state === 'done') await keepHere(input, io)
    return { ...seen, gives: { commit: input.commit } }
  },
} satisfies CallRegistry

async function standing({ remote, tag, current, from, commit }: Certify, io: Io) {
  const git = openGit(io.root)
  const head = `refs/heads/${current}`
  const name = tag === null ? null : `refs/tags/${tag.name}`
  const refs = name === null ? [head] : [head, name]
  const at =
    remote === null ? new Map<string, string | null>() : await readRemoteRefs(git, remote, refs, { signal: io.signal })
  if (remote === null) for (const ref of refs) at.set(ref, await readRef(git, ref))
  const now = { current: at.get(head) ?? null, tag: name === null ? null : (at.get(name) ?? null) }
  const tagged = tag === null || now.tag === tag.oid
  if (tagged && now.current === commit) return { state: 'done', saw: now }
  const untouched = now.tag === null && (now.current === from || now.current === commit)
  return { state: untouched ? 'absent' : 'foreign', saw: now }
}

/** The names in this clone; a local branch of the same name follows only where there is no remote. */
async function keepHere({ remote, tag, current, commit }: Certify, io: Io): Promise<void> {
  const git = openGit(io.root)
  const set = async (ref: string, oid: string) => {
    const here = await readRef(git, ref)
    if (here !== oid) await updateRef(git, ref, oid, here)
  }
  if (tag !== null) await set(`refs/tags/${tag.name}`, tag.oid)
  await set(remote === null ? `refs/heads/${current}` : `refs/remotes/${remote}/${current}`, commit)
}
