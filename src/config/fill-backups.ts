import type { JsonRecord } from '../core/json.ts'
import type { Backups, DataKind, KindOptions, MirrorOptions } from '../core/project.ts'
import type { Config } from './schema.ts'

/** Where each kind is kept and how many, with nothing configured. Kept equal to the schema's own defaults by a test. */
export function plainBackups(project: string): Backups {
  const at = (dir: string, keep: number | null): KindOptions => ({ keep, freshMs: null, dir })
  return {
    quick: at('backups/quick', 10),
    full: { ...at('backups/full', 5), sources: null },
    site: { ...at('backups', 14), paths: ['.'], exclude: [] },
    prod: at('backups', 30),
    release: { ...at('backups/releases', 30), sources: null },
    bundle: { ...at('releases', 3), name: project, exclude: [], prune: false },
    data: null,
    dump: { ...at('data', 7), sources: null },
    set: { ...at('backups', 10), sources: null },
    baseline: { ...at('immaculate', null), sources: null },
  }
}

/** What the file says of each kind, laid over the defaults. */
export function backupsOf({ backups, project }: Config, plain: Backups): Backups {
  const { quick, full, site, prod, release, bundle, data, dump, set, baseline } = backups
  const chosen = (given: { sources?: string[] | undefined }) => ({ sources: given.sources ?? null })
  const aged = (given: { keep: number; fresh?: number | undefined }) => ({
    keep: given.keep,
    freshMs: given.fresh ?? null,
  })
  return {
    quick: { ...plain.quick, ...aged(quick) },
    full: { ...plain.full, ...aged(full), ...chosen(full) },
    site: { ...plain.site, ...aged(site), paths: site.paths, exclude: site.exclude ?? [] },
    prod: { ...plain.prod, keep: prod.keep },
    release: { ...plain.release, ...aged(release), ...chosen(release) },
    bundle: {
      ...plain.bundle,
      keep: bundle.keep,
      dir: bundle.dir,
      name: bundle.name ?? project ?? plain.bundle.name,
      exclude: bundle.exclude,
      prune: bundle.prune === 'auto',
    },
    data: data === undefined ? null : dataOf(data),
    dump: { ...plain.dump, ...aged(dump), dir: dump.dir, ...chosen(dump) },
    set: { ...plain.set, keep: set.keep, ...chosen(set) },
    baseline: { ...plain.baseline, ...chosen(baseline) },
  }
}

function dataOf(data: NonNullable<Config['backups']['data']>): DataKind {
  const { keep, fresh, name, sources, to, mounted, quota, encrypt, prune } = data
  return {
    keep,
    freshMs: fresh ?? null,
    dir: to,
    name,
    sources,
    mounted,
    quota: quota ?? null,
    encrypt:
      encrypt === undefined ? null : encrypt.gpg !== undefined ? { gpg: encrypt.gpg } : { age: encrypt.age ?? [] },
    prune: prune === 'auto',
  }
}

/** The keys that every mirror has; the rest are its plug-in's. */
export function mirrorsOf({ mirrors }: Config): MirrorOptions[] {
  return mirrors.map(({ use, kinds, latest, fresh, ...options }) => ({
    use,
    to: options.to,
    kinds,
    latest,
    freshMs: fresh ?? null,
    options: options as JsonRecord,
  }))
}
