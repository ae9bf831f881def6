import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Project } from '../core/project.ts'
import { overrides, type Overrides } from './environment.ts'
import { plainProject, projectOf } from './fill.ts'
import { readGiven } from './given.ts'

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
  const given = await readGiven(root, over.remote ?? config.git.remote)
  const project = projectOf(config, { ...given, file })
  return withOverrides(project, over)
}

async function plain(root: string, over: Overrides): Promise<Project> {
  return withOverrides(plainProject(await readGiven(root, over.remote)), over)
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

async function exists(path: string): Promise<boolean> {
  return (
    (await lstat(path).catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? null : 'there'))) !== null
  )
}
