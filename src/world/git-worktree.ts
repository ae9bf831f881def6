import { readdir, readFile, realpath } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { StepFailed, messageOf } from '../core/failure.ts'
import type { Git } from './git.ts'
import { removeTree } from './remove-tree.ts'

/** Checks a commit out, clean and on no branch, into a folder that does not exist yet. No hook of the team runs. */
export async function addWorktree(git: Git, path: string, commit: string, signal?: AbortSignal): Promise<void> {
  if (!/^[0-9a-f]{40,64}$/.test(commit)) throw new Error(`${commit} is not an object id`)
  const target = resolve(path)
  await git.raw(
    ['worktree', 'add', '--quiet', '--detach', '--', target, commit],
    signal === undefined ? {} : { signal },
  )
}

/**
 * Removes a worktree made by us, whole or half-made, and git's own note of it. Already gone is fine. Other worktrees,
 * also those whose folders happen to be away, are left as they are.
 */
export async function removeWorktree(git: Git, path: string): Promise<void> {
  const target = await real(resolve(path))
  try {
    await removeTree(target)
    for (const note of await notesOf(git, target)) await removeTree(note)
  } catch (error) {
    throw new StepFailed('worktree', `the worktree ${path} could not be removed: ${messageOf(error)}`)
  }
}

/** The commit a worktree stands on; null when there is no whole worktree at this path. */
export async function worktreeAt(git: Git, path: string): Promise<string | null> {
  const target = await real(resolve(path))
  const out = await git.raw(['worktree', 'list', '--porcelain', '-z'])
  for (const block of out.split('\0\0')) {
    const lines = block.split('\0')
    if (!lines.includes(`worktree ${target}`)) continue
    if (lines.some((line) => /^(prunable|locked)\b/.test(line))) return null
    return lines.find((line) => line.startsWith('HEAD '))?.slice('HEAD '.length) ?? null
  }
  return null
}

/** Folders under `.git/worktrees` that speak of this path: git keeps one even for a checkout that was cut off. */
async function notesOf(git: Git, target: string): Promise<string[]> {
  const common = resolve(git.root, (await git.raw(['rev-parse', '--git-common-dir'])).trim())
  const folder = join(common, 'worktrees')
  const names = await readdir(folder).catch(() => [])
  const notes = await Promise.all(
    names.map(async (name) => {
      const said = await readFile(join(folder, name, 'gitdir'), 'utf8').catch(() => null)
      return said !== null && dirname(resolve(folder, name, said.trim())) === target ? join(folder, name) : null
    }),
  )
  return notes.filter((note) => note !== null)
}

/** Git writes real paths; the folder itself may be gone, its parent rarely is. */
async function real(path: string): Promise<string> {
  const parent = await realpath(dirname(path)).catch(() => dirname(path))
  return join(parent, path.slice(dirname(path).length + 1))
}
