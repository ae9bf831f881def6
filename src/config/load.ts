import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Project } from '../core/project.ts'
import { overrides, type Overrides } from './environment.ts'
import { plainProject, projectOf, type Given } from './fill.ts'
import { readGitFolder, repositoryName, type GitFolder } from './git-folder.ts'

export { findRoot } from './git-folder.ts'

/**
 * The project at a repository's top level: environment before file before default.
 * Throws a UserError (exit 2) that lists every problem at once, each with its line and what to do.
 */
export async function loadProject(root: string, env: NodeJS.ProcessEnv = process.env): Promise<Project> {
  const over = overrides(env)
  const file = join(root, 'knowngood.yaml')
  // Without a file neither the YAML parser nor the schema is needed, and neither is loaded.
  if (!(await exists(file))) return await plain(root, over)
  const { readConfig } = await import('./read-config.ts')
  const config = await readConfig(file)
  const given = await givenBy(root, over.remote ?? config.git.remote)
  const project = projectOf(config, { ...given, file })
  return withOverrides(project, over)
}

async function plain(root: string, over: Overrides): Promise<Project> {
  return withOverrides(plainProject(await givenBy(root, over.remote)), over)
}

function withOverrides(project: Project, over: Overrides): Project {
  const { remote = project.git.remote, branch = project.git.branch } = over
  return {
    ...project,
    project: over.project ?? project.project,
    environment: over.environment ?? project.environment,
    git: { ...project.git, remote, branch },
  }
}

async function givenBy(root: string, wanted: string | undefined): Promise<Given> {
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
  return (await stat(path).catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? null : 'there'))) !== null
}
