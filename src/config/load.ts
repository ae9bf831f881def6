import { join } from 'node:path'
import type { Project } from '../core/project.ts'
import { cachedConfig } from './cache.ts'
import { isOwnSource } from './own-source-path.ts'
import { overrides, type Overrides } from './environment.ts'
import { plainProject, projectOf } from './fill.ts'
import { readGiven } from './given.ts'
import { readConfigText } from './read-text.ts'

export { findRoot } from './git-folder.ts'

/**
 * The project at a repository's top level: environment before file before default.
 * Throws a UserError (exit 2) that lists every problem at once, each with its line and what to do.
 */
export async function loadProject(root: string, env: NodeJS.ProcessEnv = process.env): Promise<Project> {
  const over = overrides(env)
  const file = join(root, 'knowngood.yaml')
  const text = await readConfigText(file)
  if (text === null) return await plain(root, over)
  // Neither the YAML parser nor the schema is loaded for a file that was checked before.
  const config = await cachedConfig(root, text, async () => (await import('./read-config.ts')).parseConfig(text))
  const given = await readGiven(root, over.remote ?? config.git.remote)
  const project = projectOf(config, { ...given, file })
  if (Object.values(project.sources).some(({ use }) => isOwnSource(use)))
    await (await import('./own-sources.ts')).loadOwnSources(project)
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
    backups: {
      ...project.backups,
      release: { ...project.backups.release, keep: over.keepReleases ?? project.backups.release.keep },
    },
  }
}
