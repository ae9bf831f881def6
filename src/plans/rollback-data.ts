import type { Facts } from '../core/facts.ts'
import type { Hold } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { clean } from '../core/text.ts'
import { backupPath } from './backup-steps.ts'
import type { Decided } from './decided.ts'
import { inPlace } from './in-place.ts'
import type { InPlace } from './in-place.ts'
import { lost, snapshotOf } from './restore.ts'
import { wantedOf } from './restore-request.ts'

/** The data half of a rollback: its steps, what its own backup will be, and what is lost by it. */
export type RollbackData = { place: InPlace; path: string; sources: string; loses: string[]; holds: Hold[] }

const NOTHING: InPlace = { open: [], stop: [], snapshot: [], data: [], start: [], always: [] }

/** Everything the backup holds that a restore would put back; held where that is nothing, or not all of it. */
export function rollbackData(project: Project, facts: Facts, to: string, decided: Decided): RollbackData {
  const request = { id: to, only: [], flushRedis: false, acceptSchema: true, reason: null }
  const { backup, chosen, strays } = wantedOf(project, facts, request)
  const holds: Hold[] = strays.map(({ source, why }) => ({
    id: 'not-configured',
    why: `${clean(source)} cannot be put back: ${clean(why)}`,
    fix: `roll back without it, then: knowngood restore ${clean(to)} --only SOURCE`,
  }))
  if (chosen.length === 0)
    holds.push({
      id: 'no-data',
      why: `${clean(to)} holds no data to put back`,
      fix: 'leave --with-data out, or choose a backup with data: knowngood restore',
    })
  const names = chosen.map(({ name }) => name)
  const snapshot = snapshotOf('rollback', to, names, decided)
  const what = { chosen, flushed: [], snapshot }
  return {
    place: backup === undefined || holds.length > 0 ? NOTHING : inPlace(project, facts, { backup, ...what }, decided),
    path: backupPath(project, facts, decided, snapshot),
    sources: chosen.map(({ name, use }) => `${name}=${use}`).join(' '),
    loses: names.map((name) => lost(name, backup?.at ?? facts.at, facts.at)),
    holds,
  }
}
