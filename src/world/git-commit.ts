import { rm } from 'node:fs/promises'
import type { Git } from './git.ts'
import { operator, host } from './identity.ts'

/** Who signs an object and when (ISO 8601); the same bytes always give the same id. */
export type Signature = { name: string; email: string; at: string }

/** A commit of an existing tree; it belongs to no branch until something points at it. Gives its id. */
export async function commitTree(
  git: Git,
  commit: { tree: string; parents: readonly string[]; message: string; by: Signature },
): Promise<string> {
  const { name, email } = commit.by
  const date = `${seconds(commit.by.at)} +0000`
  const env = {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
    GIT_COMMITTER_DATE: date,
  }
  const parents = commit.parents.flatMap((parent) => ['-p', parent])
  const settings = ['-c', 'i18n.commitEncoding=UTF-8']
  return (
    await git.raw([...settings, 'commit-tree', ...parents, commit.tree], { env, input: ended(commit.message) })
  ).trim()
}

/**
 * An annotated tag's object, without the ref. Written from the same words twice, it is the same object, which lets an
 * interrupted certification be finished: the remote would refuse another object under the same name.
 */
export async function makeTagObject(
  git: Git,
  tag: { name: string; commit: string; message: string; by: Signature },
): Promise<string> {
  const tagger = `${safe(tag.by.name)} <${safe(tag.by.email)}> ${seconds(tag.by.at)} +0000`
  const text = `object ${tag.commit}\ntype commit\ntag ${tag.name}\ntagger ${tagger}\n\n${ended(tag.message)}`
  return (await git.raw(['mktag'], { input: text })).trim()
}

/** The tree of a commit. */
export async function treeOf(git: Git, commit: string): Promise<string> {
  return (await git.raw(['rev-parse', '--verify', '--quiet', '--end-of-options', `${commit}^{tree}`])).trim()
}

/** Those of some files that a commit's tree has. */
export async function presentIn(git: Git, commit: string, paths: readonly string[]): Promise<string[]> {
  if (paths.length === 0) return []
  const there = await git.raw(['--literal-pathspecs', 'ls-tree', '-z', '--name-only', commit, '--', ...paths])
  return paths.filter((path) => there.split('\0').includes(path))
}

/**
 * The tree of a commit, but for `paths` (files or folders), which are as they are in `from`. `index` is a file of nobody
 * else's, removed again.
 */
export async function treeKeeping(
  git: Git,
  { of, from, paths, index }: { of: string; from: string; paths: readonly string[]; index: string },
): Promise<string> {
  const literal = ['--literal-pathspecs']
  const differs = await git.raw([...literal, 'diff-tree', '-r', '--name-only', of, from, '--', ...paths])
  if (paths.length === 0 || differs === '') return await treeOf(git, of)
  const env = { GIT_INDEX_FILE: index }
  try {
    await git.raw(['read-tree', of], { env })
    await git.raw([...literal, 'rm', '-r', '--force', '--quiet', '--cached', '--ignore-unmatch', '--', ...paths], {
      env,
    })
    const kept = await git.raw([...literal, 'ls-tree', '-r', '-z', '--full-tree', from, '--', ...paths])
    await git.raw(['update-index', '-z', '--index-info'], { env, input: kept })
    return (await git.raw(['write-tree'], { env })).trim()
  } finally {
    await rm(index, { force: true })
  }
}

/** The tree without files; its id depends on the repository's hash. */
export async function emptyTree(git: Git): Promise<string> {
  return (await git.raw(['mktree'], { input: '' })).trim()
}

/** Whom git would name as committer here; the operator of this machine where nobody has been configured. */
export async function gitIdentity(git: Git): Promise<{ name: string; email: string }> {
  try {
    const said = await git.raw(['var', 'GIT_COMMITTER_IDENT'])
    const [, name, email] = /^(.*) <(.*)> \d+ [+-]\d+\s*$/.exec(said) ?? []
    if (name && email) return { name, email }
  } catch {
    // Git refuses to guess where `user.useConfigOnly` is set or the machine has no name.
  }
  return { name: operator(), email: `${operator().replaceAll(/[^\w.-]+/g, '-')}@${host()}` }
}

function seconds(at: string): number {
  return Math.floor(Date.parse(at) / 1000)
}

/** A tagger's line has no room for these. */
function safe(text: string): string {
  return text.replaceAll(/[<>\n\0]/g, '')
}

function ended(message: string): string {
  return message.endsWith('\n') ? message : `${message}\n`
}
