import type { BackupKind } from './backup.ts'
import type { Holds } from './plug-in.ts'
import type { Project } from './project.ts'

/** A source by its name in the configuration, and what its captures are. */
export type NamedSource = { name: string; use: string; holds: Holds }

/** What each kind takes by itself; what is taken another way (the tree, a commit's files, named sources) takes nothing here. */
const TAKES: Readonly<Record<BackupKind, readonly Holds[]>> = {
  quick: [],
  full: ['database'],
  site: [],
  prod: [],
  release: ['database', 'code', 'facts'],
  bundle: [],
  data: [],
  dump: ['database'],
  set: ['database', 'images', 'repository'],
  baseline: ['database', 'images', 'repository', 'runtime', 'facts'],
}

/** Kinds that are nothing without at least one database. */
const NEEDS_DATABASE: readonly BackupKind[] = ['full', 'dump']

/**
 * The sources a kind captures, in the configuration's order: those it is told to, else those it takes by itself. Redis and
 * its like come along only when asked. Names nobody knows are left for `kindFlaw` to say.
 */
export function sourcesOfKind(
  project: Pick<Project, 'backups'>,
  kind: BackupKind,
  all: readonly NamedSource[],
  includeRedis = false,
): NamedSource[] {
  const told = namedOf(project, kind)
  const takes = TAKES[kind]
  return all.filter(
    ({ name, holds }) =>
      (told === null ? takes.includes(holds) : told.includes(name)) ||
      (includeRedis && takes.includes('database') && holds === 'cache'),
  )
}

/** Why a kind cannot be made here, and what would change that; null when it can. */
export function kindFlaw(
  project: Pick<Project, 'backups'>,
  kind: BackupKind,
  all: readonly NamedSource[],
): { why: string; fix: string } | null {
  if (kind === 'data' && project.backups.data === null)
    return { why: 'no data backup is configured', fix: 'say what and where: backups.data in knowngood.yaml' }
  const unknown = (namedOf(project, kind) ?? []).filter((name) => !all.some((one) => one.name === name))
  if (unknown.length > 0)
    return { why: `there is no source ${unknown.join(', ')}`, fix: `correct backups.${kind}.sources in knowngood.yaml` }
  if (NEEDS_DATABASE.includes(kind) && sourcesOfKind(project, kind, all).length === 0)
    return { why: 'no database is configured', fix: 'name it under sources in knowngood.yaml' }
  return null
}

function namedOf({ backups }: Pick<Project, 'backups'>, kind: BackupKind): readonly string[] | null {
  const options = backups[kind]
  return options !== null && 'sources' in options ? options.sources : null
}
