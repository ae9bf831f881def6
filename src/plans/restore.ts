import { minute, stretch } from '../core/age.ts'
import { commitLive } from '../core/commit-live.ts'
import type { Facts } from '../core/facts.ts'
import { timestamp } from '../core/naming.ts'
import type { Plan, Step } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { buildIdOf } from '../core/release.ts'
import { clean } from '../core/text.ts'
import type { BackupRequest } from './backup-request.ts'
import type { Decided } from './decided.ts'
import { basisOf } from './deploy.ts'
import { inPlace } from './in-place.ts'
import { askedFor, basisStep, lockSteps, remoteOf, unlockSteps } from './parts.ts'
import { verifyStep } from './release-parts.ts'
import { restoreHolds } from './restore-holds.ts'
import { type RestoreRequest, type Wanted, wantedOf } from './restore-request.ts'
import { schemaOf } from './restore-schema.ts'
import { planned } from './planned.ts'

/**
 * Puts a backup's data back in place: read and opened first, what stands there captured, everything beside and counted, and
 * only then swapped. Until the last swap any failure puts everything back; the services are started again in every case.
 */
export function planRestore(project: Project, facts: Facts, request: RestoreRequest, decided: Decided): Plan {
  const wanted = wantedOf(project, facts, request)
  const { backup, chosen, flushed } = wanted
  const remote = remoteOf(facts)
  const holds = restoreHolds(project, facts, request, wanted)
  const names = chosen.map(({ name }) => name).join(', ')
  const title = `Restore ${names || 'nothing'} of ${project.project} / ${project.environment} from ${request.id}`
  const made = backup === undefined ? null : stepsOf(project, facts, request, decided, wanted)
  return planned(decided, {
    op: 'restore',
    title,
    request,
    names: {
      id: request.id,
      type: backup?.kind ?? '',
      remote: remote ?? '',
      nonce: decided.nonce,
      sources: chosen.map(({ name, use }) => `${name}=${use}`).join(' '),
    },
    holds,
    warnings: warningsOf(project, facts, request, wanted),
    asks: askedFor(project, `${title}?`),
    loses: [
      ...chosen.map(({ name }) => lost(name, backup?.at ?? facts.at, facts.at)),
      ...flushed.map(({ name }) => `Everything in ${name} that is the application's is removed.`),
    ],
    audit: { required: true, event: 'restore', subject: request.id, detail: { sources: names } },
    locks: true,
    steps: holds.length > 0 || made === null ? [] : made.steps,
    always: holds.length > 0 || made === null ? [] : made.always,
  })
}

/** What stands there now, of exactly the sources that are replaced or emptied. */
export function snapshotOf(op: 'restore' | 'rollback', id: string, sources: string[], decided: Decided): BackupRequest {
  const name = `pre-${op}-${timestamp(new Date(decided.now))}`
  return {
    kind: 'set',
    session: false,
    name,
    notes: `before ${op === 'restore' ? 'restoring' : 'going back to'} ${id}`,
    sources,
  }
}

function stepsOf(
  project: Project,
  facts: Facts,
  request: RestoreRequest,
  decided: Decided,
  { backup, chosen, flushed }: Wanted,
): { steps: Step[]; always: Step[] } {
  if (backup === undefined) return { steps: [], always: [] }
  const remote = remoteOf(facts)
  const names = [...chosen, ...flushed].map(({ name }) => name)
  const snapshot = snapshotOf('restore', request.id, names, decided)
  const what = { backup, chosen, flushed, snapshot }
  const { open, stop, snapshot: keep, data, start, always } = inPlace(project, facts, what, decided)
  const { there } = basisOf(project, facts, '', null)
  const said = request.reason === null ? '' : `: ${request.reason}`
  return {
    steps: [
      ...lockSteps(remote, decided, 'restore', `restore ${backup.id}${said}`),
      basisStep({ remote, here: {}, there, gate: null }),
      ...open,
      ...stop,
      ...keep,
      ...data,
      ...start,
      ...liveSteps(project, facts),
    ],
    always: [...always, ...unlockSteps(remote, decided)],
  }
}

/** Whether production still serves what it served: reads only, and what they find wrong is told, not put back. */
export function liveSteps(project: Project, facts: Facts): Step[] {
  const commit = commitLive(facts)?.commit
  if (project.verify.checks.length === 0 || commit === undefined) return []
  const buildId = facts.live.ok ? facts.live.value.buildId : buildIdOf(project.build.id, commit)
  return [verifyStep(project, buildId)]
}

/** What replacing a source loses; both times in ISO 8601. */
export function lost(name: string, at: string, now: string): string {
  const span = stretch(Date.parse(now) - Date.parse(at))
  return `What was written to ${name} since ${minute(at)} (${span}) is no longer live.`
}

function warningsOf(project: Project, facts: Facts, request: RestoreRequest, wanted: Wanted): string[] {
  const { backup, chosen } = wanted
  if (backup === undefined) return []
  const schema = request.acceptSchema
    ? schemaOf(facts, backup, chosen).flatMap(({ name, verdict, from, to }) =>
        verdict === 'same'
          ? []
          : [
              `${name} goes from ${from ?? 'an unknown revision'} to ${to ?? 'one that is not recorded'}; the code stays.`,
            ],
      )
    : []
  const unstopped =
    project.services.length === 0 ? ['No services are configured: what writes meanwhile is not stopped.'] : []
  const doubts = [...(backup.doubts ?? []), ...(backup.leftOut ?? []).map((what) => `left out: ${what}`)]
  return [...schema, ...unstopped, ...doubts.map((text) => `${backup.id}, ${clean(text)}.`)]
}
