import type { BackupKind, ListedBackup } from '../core/backup.ts'
import type { Facts } from '../core/facts.ts'
import { valueOr } from '../core/known.ts'
import type { Project } from '../core/project.ts'
import { fitting } from './fitting.ts'
import type { Fit } from './fitting.ts'
import { schemaOf, worst } from './restore-schema.ts'
import type { Verdict } from './restore-schema.ts'

/** A backup whose data can be put back. `lostMs` is how far back it goes: what was written since is gone after it. */
export type RestoreCandidate = {
  id: string
  kind: BackupKind
  at: string
  subject: string
  sources: string[]
  lostMs: number
  schema: Verdict
  rung: string
  offered: boolean
  because: string | null
}

/** What a restore may put back in place, newest first, also what is not offered, with the reason. */
export function restoreCandidates(project: Project, facts: Facts): RestoreCandidate[] {
  const listed = valueOr(facts.backups, []).filter((backup) => backup.kind !== 'quick' && backup.kind !== 'prod')
  return listed.map((backup) => {
    const fits = restorable(fitting(project, backup).fits)
    const because = notOffered(backup, fits)
    return {
      id: backup.id,
      kind: backup.kind,
      at: backup.at,
      subject: backup.commitSubject ?? backup.notes ?? '',
      sources: fits.map(({ name }) => name),
      lostMs: Math.max(0, Date.parse(facts.at) - Date.parse(backup.at)),
      schema: worst(schemaOf(facts, backup, fits)),
      rung: backup.rung,
      offered: because === null,
      because,
    }
  })
}

/** What a restore puts back in place; a repository's code returns by a rollback only, and an environment's facts never. */
export function restorable(fits: readonly Fit[]): Fit[] {
  const [run, at] = ['restore', '']
  return fits.filter(({ name, source, options, parts }) => {
    const ids = { beside: 'beside', swap: 'swap', drop: 'drop' }
    const steps = source.restore(options, { ids, name, parts, to: { live: true }, run, at })
    return steps !== null && steps.swap !== null
  })
}

/** Why a backup cannot be put back in place as a whole; null when it can. */
function notOffered(backup: ListedBackup, fits: readonly Fit[]): string | null {
  if (backup.state !== 'ok') return backup.because ?? `it is ${backup.state}`
  return fits.length === 0 ? 'it holds no data a source would take; --to DIR puts its files beside' : null
}
