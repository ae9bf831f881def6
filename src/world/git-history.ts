import type { Commit } from '../core/facts.ts'
import { GitFailed } from './git.ts'
import type { Git } from './git.ts'

/** Whether everything of `older` is in `newer`; a commit contains itself. False when either is not in this clone. */
export async function isAncestor(git: Git, older: string, newer: string): Promise<boolean> {
  if (older === newer) return true
  try {
    await git.raw(['merge-base', '--is-ancestor', plain(older), plain(newer)])
    return true
  } catch (error) {
    if (error instanceof GitFailed && (error.code === 1 || error.code === 128)) return false
    throw error
  }
}

/** How many commits each of the two has that the other lacks. */
export async function countApart(git: Git, left: string, right: string): Promise<{ left: number; right: number }> {
  if (left === right) return { left: 0, right: 0 }
  const out = await git.raw(['rev-list', '--count', '--left-right', `${plain(left)}...${plain(right)}`, '--'])
  const [onLeft, onRight] = out.trim().split('\t').map(Number)
  return { left: onLeft ?? 0, right: onRight ?? 0 }
}

/** Paths of files that `to` has and `from` had not, below these pathspecs; a renamed file is not new. */
export async function addedBetween(git: Git, from: string, to: string, below: readonly string[]): Promise<string[]> {
  const flags = ['-r', '-z', '--find-renames', '--name-only', '--diff-filter=A']
  const out = await git.raw(['diff-tree', ...flags, plain(from), plain(to), '--', ...below])
  return out.split('\0').filter((path) => path !== '')
}

/** The commits in `to` that `from` lacks, newest first. */
export async function commitsBetween(git: Git, from: string, to: string, limit = 200): Promise<Commit[]> {
  return log(git, [`--max-count=${limit}`, `${plain(from)}..${plain(to)}`])
}

/** One commit; null when it is not in this clone. */
export async function readCommit(git: Git, oid: string): Promise<Commit | null> {
  try {
    return (await log(git, ['--max-count=1', plain(oid)]))[0] ?? null
  } catch (error) {
    if (error instanceof GitFailed && error.code === 128) return null
    throw error
  }
}

/** Whether the commit and everything its tree needs at first hand are in this clone. */
export async function hasCommit(git: Git, oid: string): Promise<boolean> {
  const said = await git.raw(['cat-file', '--batch-check=%(objecttype)'], { input: `${plain(oid)}^{tree}\n` })
  return said.trim() === 'tree'
}

/** A file's text as it is in a commit; null when it is not there. */
export async function showFile(git: Git, commit: string, path: string): Promise<string | null> {
  try {
    return await git.raw(['cat-file', 'blob', `${plain(commit)}:${path}`])
  } catch (error) {
    if (error instanceof GitFailed && error.code === 128) return null
    throw error
  }
}

async function log(git: Git, range: string[]): Promise<Commit[]> {
  const out = await git.raw([
    'log',
    '--no-color',
    '--format=%H%x00%s%x00%cI%x00%an%x00',
    '--encoding=UTF-8',
    ...range,
    '--',
  ])
  const cells = out.split('\0')
  const commits: Commit[] = []
  for (let i = 0; i + 4 < cells.length; i += 4) {
    const [oid = '', subject = '', at = '', author = ''] = cells.slice(i, i + 4)
    commits.push({ oid: oid.trim(), subject, at, author })
  }
  return commits
}

/** Revisions here are object ids or full refs; anything else could be read as an option. */
function plain(revision: string): string {
  if (!/^([0-9a-f]{4,64}|HEAD|refs\/.+)$/.test(revision))
    throw new Error(`${revision} is neither an object id nor a full ref name`)
  return revision
}
