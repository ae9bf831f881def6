import type { BackupRecord, Part } from '../core/backup.ts'
import { messageOf } from '../core/failure.ts'
import { KINDS } from '../core/kinds.ts'
import { partFile } from '../core/part-file.ts'
import type { Source, StoredPart } from '../core/plug-in.ts'
import type { Project } from '../core/project.ts'
import { sourceOf } from '../sources/registry.ts'

/** A configured source with its parts of a backup: `name` is the one in knowngood.yaml, which the backup's may differ from. */
export type Fit = { name: string; use: string; source: Source; options: unknown; parts: StoredPart[] }

/** Parts that no configured source takes, and why. */
type Stray = { source: string; use: string; part: Part; why: string }

export type Fitting = { fits: Fit[]; strays: Stray[] }

/** Sources that always exist, configured or not. */
const ALWAYS = ['git', 'environment']

/** Which source takes which part of a backup: the one of its name, else the only one of its make. */
export function fitting(project: Project, backup: Pick<BackupRecord, 'kind' | 'path' | 'parts'>): Fitting {
  const fits = new Map<string, Fit>()
  const strays: Stray[] = []
  for (const part of backup.parts) {
    const { source: from, use } = part
    const fit = isWhole(backup, part) ? 'it is one archive, which no source takes' : fitOf(project, from, use)
    if (typeof fit === 'string') {
      strays.push({ source: from, use, part, why: fit })
      continue
    }
    const known = fits.get(fit.name) ?? { ...fit, parts: [] }
    known.parts.push({ part, file: partFile(project.root, backup, part) })
    fits.set(fit.name, known)
  }
  const whole = [...fits.values()].filter((fit) => {
    const why = flawOf(fit)
    if (why !== null) for (const { part } of fit.parts) strays.push({ source: part.source, use: part.use, part, why })
    return why === null
  })
  return { fits: whole, strays }
}

/** Why a source cannot take these parts together: strangers' folders may hold more than it knows to put back. */
function flawOf({ name, source, options, parts }: Fit): string | null {
  const ids = { beside: 'beside', swap: 'swap', drop: 'drop' }
  const to = { live: false as const, dir: '/', urlFrom: null }
  try {
    source.restore(options, { ids, name, parts, to, run: 'restore', at: '' })
    return null
  } catch (error) {
    return messageOf(error)
  }
}

/** The working tree, an artefact or tracked sources as one archive; a data archive is what its source captured. */
function isWhole({ kind }: Pick<BackupRecord, 'kind'>, { use }: Part): boolean {
  return KINDS[kind].shape === 'archive' && (kind !== 'data' || use === '')
}

/** The configured source of that name and make, or why there is none. */
export function fitOf(project: Project, from: string, made: string): Omit<Fit, 'parts'> | string {
  // A record of others may know the name of what it holds, and not what made it.
  const use = made === 'unknown' ? (project.sources[from]?.use ?? made) : made
  const source = sourceOf(use)
  if (source === undefined) return `this version has no source ${use}`
  const configured = Object.entries(project.sources).filter(([, options]) => sourceOf(options.use) === source)
  const [only] = configured
  const found = configured.find(([name]) => name === from) ?? (configured.length === 1 ? only : undefined)
  if (found === undefined && !ALWAYS.includes(use))
    return configured.length === 0
      ? `${from} (${use}) is not in the configuration`
      : `${from} is not in the configuration, which has several sources of ${use}`
  const [name, { use: _use, ...options }] = found ?? [from, { use }]
  try {
    return { name, use, source, options: source.options.parse(options) }
  } catch (error) {
    return `sources.${name} does not hold: ${messageOf(error)}`
  }
}
