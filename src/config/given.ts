import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Given } from './fill.ts'
import { readGitFolder, repositoryName, type GitFolder } from './git-folder.ts'

/** What the repository itself says about what the file may leave open; `wanted` is the remote somebody named. */
export async function readGiven(root: string, wanted?: string): Promise<Given> {
  const git = await readGitFolder(root)
  const names = Object.keys(git.remotes)
  const remote = wanted ?? (names.includes('origin') || names.length !== 1 ? 'origin' : (names[0] ?? 'origin'))
  const branch = await releasedBranch(git, remote)
  const versionFile = await firstThere(root, ['package.json', 'VERSION', 'VERSION.txt'])
  const url = git.remotes[remote]
  return {
    root,
    file: null,
    project: repositoryName(root, url),
    remote,
    branch,
    hasRemote: url !== undefined,
    versionFile,
  }
}

/** The remote's default branch, else main or master when the remote has it, else the one checked out. */
async function releasedBranch(git: GitFolder, remote: string): Promise<string> {
  const head = await git.remoteHead(remote)
  if (head !== null) return head
  for (const name of ['main', 'master']) if (await git.hasRemoteBranch(remote, name)) return name
  return git.checkedOut ?? 'main'
}

async function firstThere(root: string, names: readonly string[]): Promise<string | null> {
  for (const name of names) if (await exists(join(root, name))) return name
  return null
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null
}
