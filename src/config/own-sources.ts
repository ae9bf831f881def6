import { messageOf } from '../core/failure.ts'
import type { Project } from '../core/project.ts'
import { loadOwnSource } from '../sources/own.ts'
import { isOwnSource } from './own-source-path.ts'
import { configError, type Problem } from './problems.ts'

/**
 * Loads the project's own sources and has each check its options. This is the first time they are run: nothing of them is
 * when a configuration is only written or checked. Throws a UserError (exit 2).
 */
export async function loadOwnSources(project: Project): Promise<void> {
  const problems: Problem[] = []
  for (const [name, { use, ...options }] of Object.entries(project.sources)) {
    if (!isOwnSource(use)) continue
    const source = await loadOwnSource(project.root, use)
    try {
      source.options.parse(options)
    } catch (error) {
      problems.push({ line: null, says: `sources.${name}: ${messageOf(error)}` })
    }
  }
  if (problems.length > 0) throw configError('knowngood.yaml', problems)
}
