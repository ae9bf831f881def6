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
    all.find((one) => isWhole(one) && compareRungs(one.rung, 'restored') >= 0) ?? all.find(isWhole) ?? all[0] ?? null
  )
}

/** Newer ones than that baseline, which do not hold: whoever breaks the glass would expect the newest. */
export function passedOver(backups: readonly ListedBackup[], chosen: ListedBackup): ListedBackup[] {
  return baselinesOf(backups).filter((one) => !isWhole(one) && Date.parse(one.at) > Date.parse(chosen.at))
}

/** Whether everything is there to break glass with: a commit that this clone lacks comes out of its own bundle. */
export function isWhole(baseline: ListedBackup): boolean {
  return baseline.state === 'ok' || (baseline.lacksCommit === true && bundleOf(baseline) !== null)
}

/** The bundle of the repository that a baseline holds, as a path; null where it holds none. */
export function bundleOf({ path, parts }: ListedBackup): string | null {
  const bundle = parts.find((part) => part.path.endsWith('.bundle'))
  return bundle === undefined ? null : `${path}/${bundle.path}`
}

/** Every baseline, newest first. */
export function baselinesOf(backups: readonly ListedBackup[]): ListedBackup[] {
  return backups.filter(({ kind }) => kind === 'baseline').toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))
}
