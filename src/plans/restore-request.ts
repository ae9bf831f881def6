import type { ListedBackup } from '../core/backup.ts'
import type { Facts } from '../core/facts.ts'
import { valueOr } from '../core/known.ts'
import type { Project } from '../core/project.ts'
import { fitting } from './fitting.ts'
import type { Fit } from './fitting.ts'
import { namedSources } from './named-sources.ts'
import { restorable } from './restore-candidates.ts'

/** What is to be put back. `only` empty: every source the backup holds. */
export type RestoreRequest = {
  id: string
  only: string[]
  flushRedis: boolean
  acceptSchema: boolean
  reason: string | null
}

/** A request read against what there is: the backup, what fits where, and what of it is wanted. */
export type Wanted = {
  backup: ListedBackup | undefined
  /** Everything of the backup that can be put back in place. */
  all: Fit[]
  chosen: Fit[]
  /** Caches that are emptied and not restored: theirs are no parts. */
  flushed: Fit[]
  strays: { source: string; why: string }[]
}

/** What the request asks for of a backup, databases first; empty where it is not known. */
export function wantedOf(project: Project, facts: Facts, request: RestoreRequest): Wanted {
  const backup = valueOr(facts.backups, []).find((one) => one.id === request.id)
  if (backup === undefined) return { backup, all: [], chosen: [], flushed: [], strays: [] }
  const { fits, strays } = fitting(project, backup)
  const all = restorable(fits)
  const chosen = all
    .filter(({ name }) => request.only.length === 0 || request.only.includes(name))
    .toSorted((a, b) => rank(a) - rank(b))
  return { backup, all, chosen, flushed: request.flushRedis ? cachesOf(project, chosen) : [], strays }
}

/** Databases first, what only remembers them last. */
function rank({ source }: Fit): number {
  return source.holds === 'database' ? 0 : source.holds === 'cache' ? 2 : 1
}

/** Configured caches that the restore does not fill itself. */
function cachesOf(project: Project, chosen: readonly Fit[]): Fit[] {
  const filled = new Set(chosen.map(({ name }) => name))
  return namedSources(project).flatMap(({ name, use, holds, source, options }) =>
    holds === 'cache' && !filled.has(name)
      ? [{ name, use, source, options: source.options.parse(options), parts: [] }]
      : [],
  )
}
