import type { NamedSource } from '../core/kind-sources.ts'
import type { Source } from '../core/plug-in.ts'
import type { Project } from '../core/project.ts'
import { sourceOf } from '../sources/registry.ts'

/** A configured source with its plug-in and its options as they were written. */
export type ReadySource = NamedSource & { source: Source; options: Record<string, unknown> }

/** These exist without being configured. */
const ALWAYS = ['git', 'environment']

/** Every source of the project in the configuration's order, git and the environment last where nobody named them. */
export function namedSources(project: Pick<Project, 'sources'>): ReadySource[] {
  const given = Object.entries(project.sources)
  const uses = given.map(([, { use }]) => use)
  const always = ALWAYS.filter((use) => !uses.includes(use)).map((use) => [use, { use }] as const)
  return [...given, ...always].flatMap(([name, { use, ...options }]) => {
    const source = sourceOf(use)
    return source === undefined ? [] : [{ name, use, holds: holdsOf(source, options), source, options }]
  })
}

/** Files by parts are code; files by paths are what runs beside it. What a command captures only the team can say. */
function holdsOf(source: Source, options: Record<string, unknown>): NamedSource['holds'] {
  if (source.use === 'command' && options['holds'] === 'runtime') return 'runtime'
  return source.use === 'files' ? (options['parts'] === undefined ? 'runtime' : 'code') : source.holds
}
