import { held } from '../core/failure.ts'
import type { CallRegistry, Io } from '../core/plan.ts'
import { openGit } from '../world/git.ts'
import type { Git } from '../world/git.ts'
import { hasCommit, isAncestor } from '../world/git-history.ts'
import { pushFenced } from '../world/git-fenced-push.ts'
import { pushAtomic } from '../world/git-push.ts'
import type { RefUpdate } from '../world/git-push.ts'
import { fetchRemote, readRemoteRef } from '../world/git-remote.ts'

type Branch = { remote: string; branch: string }
type Push = Branch & { commit: string; from: string | null; rewinds: boolean; lock: string | null }
type Back = Branch & { ours: string; to: string | null; lock: string | null }

/** What the steps of the git-push target name. */
export const gitPushCalls = {
  'git-push.capture': async (input: Branch, io: Io) => ({ oid: await tip(input, io) }),

  'git-push.push': async (input: Push, io: Io) => {
    const { remote, branch, commit, from } = input
    const git = openGit(io.root)
    const stands = await tip(input, io)
    if (stands === commit) return { pushed: false, oid: commit }
    if (stands !== from) throw moved(input, stands)
    if (from !== null && !input.rewinds) await mustContain(git, input, from)
    io.line(`pushing ${commit.slice(0, 7)} to ${remote}/${branch}`)
    await publish(git, input, { src: commit, dst: head(input), expect: from }, io)
    return { pushed: true, oid: commit }
  },

  'git-push.probe': async ({ commit, from, ...input }: Branch & { commit: string; from: string | null }, io: Io) => {
    const stands = await tip(input, io)
    const state = stands === commit ? 'done' : stands === from ? 'absent' : 'foreign'
    return { state, saw: { oid: stands }, gives: { pushed: true, oid: commit } }
  },

  'git-push.back': async (input: Back, io: Io) => {
    const { ours, to } = input
    const stands = await tip(input, io)
    if (stands === to || ours === to) return { oid: stands }
    if (stands !== ours) throw moved({ ...input, from: ours }, stands)
    await publish(openGit(io.root), input, { src: to, dst: head(input), expect: ours }, io)
    return { oid: to }
  },
} satisfies CallRegistry

async function publish(git: Git, input: Branch & { lock: string | null }, update: RefUpdate, io: Io): Promise<void> {
  const { remote, lock } = input
  const options = { signal: io.signal }
  await (lock === null ? pushAtomic(git, remote, [update], options) : pushFenced(git, remote, lock, [update], options))
}

async function mustContain(git: Git, input: Push, from: string): Promise<void> {
  if (!(await hasCommit(git, from))) await fetchRemote(git, input.remote)
  if (await isAncestor(git, from, input.commit)) return
  const why = `${input.remote}/${input.branch} has commits that ${input.commit.slice(0, 7)} does not contain`
  throw held('This would not be a fast-forward', why, [
    `git pull ${input.remote} ${input.branch}`,
    'Then review the deploy again.',
  ])
}

function moved(input: Branch & { from: string | null }, stands: string | null) {
  const why = `it was ${standing(input.from)} when this was reviewed and is ${standing(stands)} now`
  return held(`${input.remote}/${input.branch} has moved`, why, [
    `git fetch ${input.remote}`,
    'Look at what came, and review again.',
  ])
}

function standing(oid: string | null): string {
  return oid === null ? 'gone' : `at ${oid.slice(0, 7)}`
}

function tip(input: Branch, io: Io): Promise<string | null> {
  return readRemoteRef(openGit(io.root), input.remote, head(input), { signal: io.signal })
}

function head(input: Branch): string {
  return `refs/heads/${input.branch}`
}
