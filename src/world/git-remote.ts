import { join } from 'node:path'
import { mask } from './secrets.ts'
import { GitFailed } from './git.ts'
import { plainlySaid } from './git-config-text.ts'
import type { Git, GitOptions } from './git.ts'
import { fullRef, readRefs } from './git-refs.ts'

type Bounded = Pick<GitOptions, 'signal' | 'timeoutMs'>

const NETWORK_MS = 60_000

/** The address of a remote, without what is secret in it; null when there is no such remote. */
export async function remoteUrl(git: Git, remote: string): Promise<string | null> {
  try {
    return mask((await git.raw(['config', '--get', `remote.${remote}.url`])).trim())
  } catch (error) {
    if (error instanceof GitFailed && error.code === 1) return null
    throw error
  }
}

/** The same, from the repository's own configuration where that settles it. */
export async function anyRemoteUrl(git: Git, remote: string): Promise<string | null> {
  return writtenRemoteUrl(git.root, remote) ?? (await remoteUrl(git, remote))
}

/**
 * The same without starting git; undefined where the repository's own configuration does not settle it (a worktree, an
 * included file) and git has to be asked.
 */
export function writtenRemoteUrl(root: string, remote: string): string | undefined {
  const url = plainlySaid(join(root, '.git', 'config'), `remote "${remote}"`, 'url')
  return typeof url === 'string' ? mask(url) : undefined
}

/**
 * What these full refs point at on the remote, asked now; a ref that is not there is not in the map. One that ends in
 * a slash and a star stands for all below it.
 */
export async function readRemoteRefs(
  git: Git,
  remote: string,
  refs: readonly string[],
  options: Bounded = {},
): Promise<Map<string, string>> {
  const out = await git.raw(['ls-remote', '--quiet', '--refs', '--', remote, ...refs.map(fullRef)], {
    timeoutMs: NETWORK_MS,
    ...options,
  })
  const found = new Map<string, string>()
  for (const line of out.split('\n')) {
    const [oid, ref] = line.split('\t')
    // ls-remote matches from the end, so that another ref may answer too.
    if (oid !== undefined && ref !== undefined && refs.some((wanted) => covers(wanted, ref))) found.set(ref, oid)
  }
  return found
}

function covers(wanted: string, ref: string): boolean {
  return wanted === ref || (wanted.endsWith('/*') && ref.startsWith(wanted.slice(0, -1)))
}

/** What one full ref points at on the remote, asked now; null when it is not there. */
export async function readRemoteRef(
  git: Git,
  remote: string,
  ref: string,
  options: Bounded = {},
): Promise<string | null> {
  return (await readRemoteRefs(git, remote, [ref], options)).get(ref) ?? null
}

/**
 * Brings the remote's branches into `refs/remotes` and its tags here, and touches nothing else: no working tree, no
 * FETCH_HEAD, nothing pruned. Tags that stand on another object here are left alone and named.
 */
export async function fetchRemote(git: Git, remote: string, options: Bounded = {}): Promise<{ movedTags: string[] }> {
  const bounded = { timeoutMs: NETWORK_MS, ...options }
  const specs = [`+refs/heads/*:refs/remotes/${remote}/*`, 'refs/tags/*:refs/tags/*']
  const quiet = ['--quiet', '--no-tags', '--no-prune', '--no-write-fetch-head', '--no-auto-gc']
  try {
    await git.raw(['fetch', ...quiet, '--', remote, ...specs], bounded)
    return { movedTags: [] }
  } catch (error) {
    if (!(error instanceof GitFailed) || error.code !== 1) throw error
    const movedTags = await differingTags(git, remote, bounded)
    if (movedTags.length === 0) throw error
    return { movedTags }
  }
}

/** Brings these objects here without giving them a name: enough to read what a ref of the remote says. */
export async function fetchObjects(
  git: Git,
  remote: string,
  refs: readonly string[],
  options: Bounded = {},
): Promise<void> {
  const quiet = ['--quiet', '--no-tags', '--no-prune', '--no-write-fetch-head', '--no-auto-gc']
  await git.raw(['fetch', ...quiet, '--', remote, ...refs.map(fullRef)], { timeoutMs: NETWORK_MS, ...options })
}

async function differingTags(git: Git, remote: string, options: Bounded): Promise<string[]> {
  const [there, here] = await Promise.all([
    readRemoteRefs(git, remote, ['refs/tags/*'], options),
    readRefs(git, ['refs/tags']),
  ])
  return here.flatMap(({ ref, oid }) =>
    there.has(ref) && there.get(ref) !== oid ? [ref.slice('refs/tags/'.length)] : [],
  )
}
