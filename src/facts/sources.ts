import type { SourceFacts } from '../core/backup.ts'
import { messageOf } from '../core/failure.ts'
import { unknown } from '../core/known.ts'
import type { Project } from '../core/project.ts'
import { now } from '../world/clock.ts'

/** What every configured source knows without being captured. */
export async function observeSources(project: Project, signal?: AbortSignal): Promise<SourceFacts[]> {
  const place = { root: project.root, git: project.git, ...(signal === undefined ? {} : { signal }) }
  const sources = Object.entries(project.sources)
  if (sources.length === 0) return []
  // The plug-ins bring their schema along, which is worth half a first screen.
  const { sourceOf } = await import('../sources/registry.ts')
  return Promise.all(
    sources.map(async ([name, { use, ...options }]) => {
      try {
        const source = sourceOf(use)
        if (source === undefined) throw new Error(`there is no source ${use}`)
        return { name, use, ...(await source.observe(source.options.parse(options), place)) }
      } catch (error) {
        const schema = unknown<string | null>(
          messageOf(error),
          `Correct sources.${name} in knowngood.yaml`,
          now().toISOString(),
        )
        return { name, use, schema, detail: {} }
      }
    }),
  )
}
