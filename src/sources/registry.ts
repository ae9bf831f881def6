import type { Source } from '../core/plug-in.ts'
import { docker } from './docker.ts'
import { environment } from './environment.ts'
import { files } from './files.ts'
import { git } from './git.ts'
import { postgres } from './postgres.ts'
import { redis } from './redis.ts'
import { sqlite } from './sqlite.ts'

/** Every source a project may name, by its `use`. */
export const sources = { docker, environment, files, git, postgres, redis, sqlite } satisfies Record<string, Source>

/** The source of this name; undefined when there is none. */
export function sourceOf(use: string): Source | undefined {
  return Object.hasOwn(sources, use) ? (sources as Record<string, Source>)[use] : undefined
}
