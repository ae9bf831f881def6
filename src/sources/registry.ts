import type { CallRegistry } from '../core/plan.ts'
import type { Source } from '../core/plug-in.ts'
import { command } from './command.ts'
import { convex } from './convex.ts'
import { docker } from './docker.ts'
import { environment } from './environment.ts'
import { files } from './files.ts'
import { git } from './git.ts'
import { postgres } from './postgres.ts'
import { redis } from './redis.ts'
import { sqlite } from './sqlite.ts'

/** Every source a project may name, by its `use`. */
export const sources = { command, convex, docker, environment, files, git, postgres, redis, sqlite } satisfies Record<
  string,
  Source
>

const own = new Map<string, Source>()

/** The calls of the project's own sources, which are there once its configuration was loaded. */
export const ownCalls: Record<string, CallRegistry[string]> = {}

/** The source of this name, or of this path of the project's own; undefined when there is none. */
export function sourceOf(use: string): Source | undefined {
  return isBuiltIn(use) ? (sources as Record<string, Source>)[use] : own.get(use)
}

/** Whether a source of this name comes with Knowngood. */
export function isBuiltIn(use: string): boolean {
  return Object.hasOwn(sources, use)
}

/** Makes a source of the project known by the path that names it, and by its own name, which parts of backups bear. */
export function addOwnSource(path: string, source: Source): void {
  own.set(path, source)
  own.set(source.use, source)
  Object.assign(ownCalls, source.calls)
}
