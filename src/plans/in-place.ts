import type { ListedBackup } from '../core/backup.ts'
import type { Facts } from '../core/facts.ts'
import type { Step } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import type { BackupRequest } from './backup-request.ts'
import { backupRoom, backupSteps, backupTidySteps } from './backup-steps.ts'
import type { Decided } from './decided.ts'
import type { Fit } from './fitting.ts'
import { remoteOf } from './parts.ts'
import { hashStep, holdStep, readableSteps, releaseStep, summed } from './proof-steps.ts'
import { dataSteps, flushSteps, recordSteps, roomStep } from './restore-parts.ts'
import { serviceSteps } from './services.ts'
import { unlocked } from './unlock-steps.ts'

/** Data that takes the place of what is live, in the order it must be done; whoever plans it puts their own steps between. */
export type InPlace = {
  /** The backup held, read to its last byte and opened; room looked for, servers asked. Nothing is touched. */
  open: Step[]
  stop: Step[]
  /** What stands there now, as a set. */
  snapshot: Step[]
  /** Everything beside and counted, then swapped, one after the other; caches emptied where asked. */
  data: Step[]
  start: Step[]
  /** For the plan's end, whatever happened: services run, no copies are left, the backup is let go. */
  always: Step[]
}

type What = {
  backup: ListedBackup
  chosen: readonly Fit[]
  /** Caches that are emptied and not filled. */
  flushed: readonly Fit[]
  snapshot: BackupRequest
  /** Whether each swap first looks that the shared lock is still ours. Default: where there is a remote. */
  fence?: boolean
}

export function inPlace(project: Project, facts: Facts, what: What, decided: Decided): InPlace {
  const { backup, chosen, flushed, snapshot } = what
  const { run } = decided
  const remote = remoteOf(facts)
  const sealed = chosen.map((fit) => unlocked(project, summed(fit, backup), run))
  const fits = sealed.map(({ fit }) => fit)
  const fence = what.fence ?? remote !== null
  const how = { to: { live: true } as const, decided, fence, backup, run }
  const { reaches, besides, swaps, drops } = dataSteps(fits, how)
  const services = serviceSteps(project, fence)
  const records = recordSteps(project, fits)
  const bytes = fits.flatMap(({ parts }) => parts).reduce((sum, { part }) => sum + part.bytes, 0)
  return {
    open: [
      holdStep(backup),
      hashStep(backup, { remote, hard: true }),
      ...sealed.flatMap(({ fit, before }) => [...before, ...readableSteps(backup, fit, run, { hard: true })]),
      roomStep(project, fits, project.root, backupRoom(project, facts, decided, { request: snapshot, bytes })),
      ...reaches,
    ],
    stop: services.stop,
    snapshot: backupSteps(project, facts, decided, snapshot),
    data: [...besides, ...records.before, ...swaps, ...records.after, ...flushSteps(flushed, fence)],
    start: services.start,
    always: [
      ...services.always,
      ...drops,
      ...sealed.flatMap(({ after }) => after),
      ...backupTidySteps(project, facts, decided, snapshot),
      releaseStep(backup),
    ],
  }
}
