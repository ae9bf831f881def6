import type { ListedBackup } from './backup.ts'
import type { Project } from './project.ts'
import { compareRungs } from './proof.ts'

/** A baseline carries the configuration it was made with, so that it can be put back without `knowngood.yaml`. */
export const PROJECT_FILE = 'project.json'

/** The configuration as a baseline carries it: every default filled in, no places of this machine, secrets by name as always. */
export function projectText({ root: _, file: __, ...project }: Project): string {
  return `${JSON.stringify({ schema: 1, ...project }, null, 2)}\n`
}

/** That configuration for a clone at `root`; null for what is none, or of a later shape. */
export function readProject(text: string, root: string): Project | null {
  try {
    const { schema, ...project } = JSON.parse(text) as { schema?: unknown } & Project
    const whole = ['project', 'git', 'sources', 'backups', 'deploy', 'verify', 'emergency'].every(
      (key) => key in project,
    )
    return schema === 1 && whole ? { ...project, root, file: null } : null
  } catch {
    return null
  }
}

/** The baseline of that name; for `latest` the newest that holds, one that was restored before before one that was not. Null where there is none. */
export function chooseBaseline(backups: readonly ListedBackup[], wanted: string): ListedBackup | null {
  const all = baselinesOf(backups)
  if (wanted !== 'latest') return all.find(({ id }) => id === wanted) ?? null
  return (
    all.find(({ state, rung }) => state === 'ok' && compareRungs(rung, 'restored') >= 0) ??
    all.find(({ state }) => state === 'ok') ??
    all[0] ??
    null
  )
}

/** Every baseline, newest first. */
export function baselinesOf(backups: readonly ListedBackup[]): ListedBackup[] {
  return backups.filter(({ kind }) => kind === 'baseline').toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))
}
