import { commitLive } from '../core/commit-live.ts'
import type { ListedBackup } from '../core/backup.ts'
import { chooseBaseline, isWhole, passedOver } from '../core/baseline.ts'
import type { Facts } from '../core/facts.ts'
import { valueOr } from '../core/known.ts'
import type { Hold, Plan, Step } from '../core/plan.ts'
import { confirmationName } from '../core/project.ts'
import type { Project } from '../core/project.ts'
import { buildIdOf } from '../core/release.ts'
import type { BackupRequest } from './backup-request.ts'
import type { Decided } from './decided.ts'
import { emergencyBooks } from './emergency-books.ts'
import { emergencyCode, isLive, namedStep, nowhereToPush } from './emergency-code.ts'
import { forgiving, seizeSteps, snapshotName, witnessStep } from './emergency-parts.ts'
import type { Fit } from './fitting.ts'
import { inPlace } from './in-place.ts'
import { remoteOf, unlockSteps } from './parts.ts'
import { verifyStep } from './release-parts.ts'
import { wantedOf } from './restore-request.ts'
import { schemaOf } from './restore-schema.ts'
import { lost } from './restore.ts'
import { planned } from './planned.ts'

/** `baseline` null: the configured one, `latest` by default. `only` empty: all of it; `code` is the commit. */
export type EmergencyRequest = { baseline: string | null; only: string[]; keepData: boolean; reason: string | null }

/**
 * Break glass. Disk check, baseline verify, pre-restore snapshot, restore, Redis flush, live verify: each only after the one
 * before it passed. No gate, no session, no waiting: whoever holds a lock is named and relieved of it.
 */
export function planEmergency(project: Project, facts: Facts, request: EmergencyRequest, decided: Decided): Plan {
  const baseline = chooseBaseline(valueOr(facts.backups, []), request.baseline ?? project.emergency.baseline)
  const name = confirmationName(project)
  const id = baseline?.id ?? request.baseline ?? project.emergency.baseline
  const title = `Restore ${project.project} / ${project.environment} from the baseline ${id}`
  const made = baseline === null ? null : chainOf(project, facts, request, decided, baseline)
  const holds = holdsOf(facts, request, baseline, made)
  const acts = holds.length === 0 && made !== null
  return planned(decided, {
    op: 'emergency',
    title,
    request,
    names: {
      id,
      type: 'baseline',
      remote: remoteOf(facts) ?? '',
      nonce: decided.nonce,
      snapshot: snapshotName(decided),
      sources: (made?.chosen ?? []).map((fit) => `${fit.name}=${fit.use}`).join(' '),
    },
    holds,
    warnings: made?.warnings ?? [],
    asks: [
      { id: 'reason', kind: 'reason', text: 'Reason (goes in the audit log)', flag: '--reason' },
      { id: 'typed', kind: 'typed', text: `Type ${name} to restore`, expects: name, flag: `--confirm=${name}` },
    ],
    loses: made?.loses ?? [],
    audit: { required: false, event: 'emergency', subject: id, detail: { snapshot: snapshotName(decided) } },
    locks: true,
    steps: acts ? made.steps : [],
    always: acts ? made.always : [],
  })
}

/** `offered` is what `--only` may name. */
type Chain = { offered: string[]; chosen: Fit[]; warnings: string[]; loses: string[]; steps: Step[]; always: Step[] }

function chainOf(
  project: Project,
  facts: Facts,
  request: EmergencyRequest,
  decided: Decided,
  baseline: ListedBackup,
): Chain {
  const { keepData, reason } = request
  const only = request.only.filter((name) => name !== 'code')
  const flushes = project.emergency.redis === 'flush' && !keepData && request.only.length === 0
  const wanted = wantedOf(project, facts, {
    id: baseline.id,
    only,
    flushRedis: flushes,
    acceptSchema: true,
    reason,
  })
  const onlyCode = request.only.length > 0 && only.length === 0
  const chosen = onlyCode ? [] : wanted.chosen.filter(({ source }) => !keepData || !isData(source.holds))
  const remote = remoteOf(facts)
  const names = [...chosen, ...wanted.flushed].map((fit) => fit.name)
  const place = inPlace(
    project,
    facts,
    {
      backup: baseline,
      chosen,
      flushed: wanted.flushed,
      snapshot: snapshotFor(decided, names),
      fence: false,
    },
    decided,
  )
  const code = emergencyCode(project, facts, request, decided, baseline)
  const buildId = code?.buildId ?? servedNow(project, facts)
  const room = place.open.filter((step) => step.id === 'room')
  const books = emergencyBooks(project, facts, decided, { baseline, code, reason })
  return {
    offered: [...wanted.all.map((fit) => fit.name), ...(baseline.commit === null ? [] : ['code'])],
    chosen,
    warnings: warningsOf(project, facts, baseline, wanted.strays, chosen, code !== null),
    loses: [
      ...chosen.map((fit) => lost(fit.name, baseline.at, facts.at)),
      ...wanted.flushed.map((fit) => `Everything in ${fit.name} that is the application's is removed.`),
      ...(code === null
        ? []
        : [`The code goes back to ${baseline.commit?.slice(0, 7) ?? ''}, ${baseline.commitSubject ?? ''}.`]),
    ],
    steps: [
      ...seizeSteps(remote, decided, reason ?? `break glass: ${baseline.id}`),
      ...room,
      witnessStep(baseline),
      ...place.open.filter((step) => step.id !== 'room'),
      ...place.stop,
      ...place.snapshot.map((made) => forgiving(made, names)),
      // A cache that is down is no reason to leave everything else broken; it is owed, and the exit code says so.
      ...place.data.map((step) => (isCacheStep(step, [...chosen, ...wanted.flushed]) ? owing(step) : step)),
      ...(code?.steps ?? []),
      ...place.start,
      ...(project.verify.checks.length === 0 || buildId === null ? [] : [verifyStep(project, buildId)]),
      ...(code === null ? [] : [namedStep(project, decided, { remote, commit: code.commit, from: currentOf(facts) })]),
      ...books.steps,
    ],
    always: [...books.always, ...place.always, ...(code?.always ?? []), ...unlockSteps(remote, decided)],
  }
}

function snapshotFor(decided: Decided, names: readonly string[]): BackupRequest {
  // The environment is always there to be written down, so that a snapshot of broken sources is still one.
  return {
    kind: 'set',
    session: false,
    name: snapshotName(decided),
    notes: 'before the emergency restore',
    sources: [...names, 'environment'],
  }
}

const isData = (holds: string) => holds === 'database' || holds === 'cache'

function isCacheStep({ id }: Step, fits: readonly Fit[]): boolean {
  return fits.some(
    (fit) =>
      fit.source.holds === 'cache' && [`beside.${fit.name}`, `swap.${fit.name}`, `flush.${fit.name}`].includes(id),
  )
}

const owing = (step: Step): Step => ({ ...step, onFail: 'owe', oweExit: 5 })

function servedNow(project: Project, facts: Facts): string | null {
  const commit = commitLive(facts)?.commit
  if (facts.live.ok) return facts.live.value.buildId
  return commit === undefined ? null : buildIdOf(project.build.id, commit)
}

const currentOf = (facts: Facts) => (facts.git.ok ? facts.git.value.current : null)

function holdsOf(facts: Facts, request: EmergencyRequest, baseline: ListedBackup | null, made: Chain | null): Hold[] {
  const list = 'see what there is: knowngood baseline list'
  if (!facts.backups.ok) return [{ id: 'backups', why: facts.backups.because, fix: facts.backups.fix }]
  if (baseline === null) {
    const why = request.baseline === null ? 'there is no baseline' : `there is no baseline ${request.baseline}`
    return [
      {
        id: 'no-baseline',
        why,
        fix: request.baseline === null ? 'make one while all is well: knowngood baseline create NAME' : list,
      },
    ]
  }
  if (!isWhole(baseline))
    return [
      {
        id: 'damaged',
        why: `${baseline.id} is ${baseline.state}: ${baseline.because ?? ''}`,
        fix: `knowngood baseline verify ${baseline.id} reads it again; knowngood baseline list shows the others`,
      },
    ]
  const strange = made === null ? [] : request.only.filter((name) => !made.offered.includes(name))
  if (strange.length > 0)
    return [
      {
        id: 'unknown-source',
        why: `${baseline.id} has no ${strange.join(', ')} to put back`,
        fix: `it has ${made?.offered.join(', ') ?? ''}`,
      },
    ]
  const nothing = made !== null && made.chosen.length === 0 && !made.steps.some((step) => step.id.startsWith('target.'))
  return nothing
    ? [
        {
          id: 'nothing',
          why: `${baseline.id} holds nothing of what was asked for`,
          fix: 'leave --only and --keep-data out',
        },
      ]
    : []
}

function warningsOf(
  project: Project,
  facts: Facts,
  baseline: ListedBackup,
  strays: readonly { source: string; why: string }[],
  chosen: readonly Fit[],
  code: boolean,
): string[] {
  const { lock } = facts
  const holder = valueOr(lock.local, null) ?? valueOr(lock.shared, null)
  return [
    ...passedOver(valueOr(facts.backups, []), baseline).map(
      ({ id, state, because }) => `${id} is newer, and ${state}: ${because ?? ''}.`,
    ),
    ...(baseline.rung === 'restored' ? [] : [`${baseline.id} was never restored, not even into a scratch place.`]),
    ...(holder === null
      ? []
      : [`The lock of ${holder.operator}@${holder.host} is taken over: ${holder.reason}, run ${holder.run}.`]),
    ...strays.map(({ source, why }) => `${source} is not restored: ${why}.`),
    ...schemaOf(facts, baseline, chosen).flatMap(({ name, verdict, from, to }) =>
      verdict === 'same' || (from === null && to === null)
        ? []
        : [
            `${name}: the database is at ${from ?? 'an unknown revision'}, the baseline at ${to ?? 'none that is recorded'}.`,
          ],
    ),
    ...(code || baseline.commit === null || isLive(project, facts, baseline.commit)
      ? []
      : [`The code stays as it is${nowhereToPush(project, facts) ? ': there is no git remote to push it to' : ''}.`]),
    ...(project.services.length === 0 ? ['No services are configured: what writes meanwhile is not stopped.'] : []),
  ]
}
