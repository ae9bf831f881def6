import { nameFlaw } from '../core/backup-names.ts'
import { commitLive } from '../core/commit-live.ts'
import { diskWarnings } from '../core/disk-warnings.ts'
import type { Facts } from '../core/facts.ts'
import { kindFlaw } from '../core/kind-sources.ts'
import { KINDS } from '../core/kinds.ts'
import { heldHere, nothingLive } from '../core/holds.ts'
import type { Hold, Plan } from '../core/plan.ts'
import type { Project } from '../core/project.ts'
import { planBackupQuick } from './backup-quick.ts'
import type { BackupRequest } from './backup-request.ts'
import { nameFor } from './backup-request.ts'
import { backupSteps, backupTidySteps } from './backup-steps.ts'
import { imageOf, imageStep } from './bundle-image.ts'
import type { Decided } from './decided.ts'
import { namedSources } from './named-sources.ts'
import { prunedAfter, pruneSteps } from './prune-steps.ts'
import { planned } from './planned.ts'

/** Kinds that are a way back to a commit, and nothing without one. */
const NEEDS_COMMIT: readonly BackupRequest['kind'][] = ['full', 'release']

/** Makes one backup of a kind, then applies the kind's retention. */
export function planBackup(
  project: Project,
  facts: Facts,
  asked: Omit<BackupRequest, 'session'>,
  decided: Decided,
): Plan {
  if (asked.kind === 'quick') return planBackupQuick(project, facts, asked, decided)
  const request: BackupRequest = { ...asked, session: true }
  const { kind } = request
  const holds = backupHolds(project, facts, asked, decided)
  const name = nameFor(project, facts, decided, request)
  const commit = kind === 'bundle' ? bundled(facts, asked) : (commitLive(facts)?.commit ?? null)
  const image = imageOf(request, name)
  const made = holds.length === 0 ? backupSteps(project, facts, decided, request) : []
  if (holds.length === 0 && made.length === 0)
    holds.push({
      id: 'nothing',
      why: `there is nothing to capture for a ${kind} backup`,
      fix: 'name what there is under sources in knowngood.yaml',
    })
  const said = commit?.slice(0, 7) ?? name.id
  return planned(decided, {
    op: 'backup',
    title: `${word(kind)} backup ${name.id}`,
    request: {
      kind,
      name: request.name ?? null,
      notes: request.notes ?? null,
      includeRedis: request.includeRedis === true,
      ...(kind === 'release' ? { type: request.type ?? 'release' } : {}),
    },
    names: { id: name.id, commit: commit ?? '', ...(image === null ? {} : { image: image.tag }) },
    holds,
    warnings: backupWarnings(project, facts),
    audit: {
      required: kind === 'baseline',
      event: kind === 'baseline' ? 'baseline.create' : `backup.${kind}`,
      subject: kind === 'set' || kind === 'baseline' ? name.id : said,
      detail: {
        id: given('id'),
        path: given('path'),
        bytes: given('bytes'),
        sha256: given('sha256'),
        ...(commit === null ? {} : { commit }),
      },
    },
    locks: true,
    steps:
      made.length === 0
        ? []
        : [
            ...(image === null ? [] : [imageStep(image)]),
            ...made,
            ...pruneSteps(project, facts, prunedAfter(project, kind)),
          ],
    always: made.length === 0 ? [] : backupTidySteps(project, facts, decided, request),
  })
}

const given = (what: string) => ({ $: `backup.publish.${what}` })

const word = (kind: string) => `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`

function bundled(facts: Facts, asked: Pick<BackupRequest, 'commit'>): string | null {
  return asked.commit ?? (facts.git.ok ? (facts.git.value.next?.oid ?? null) : null)
}

function backupHolds(project: Project, facts: Facts, asked: Omit<BackupRequest, 'session'>, decided: Decided): Hold[] {
  const { kind, name = null } = asked
  const holds = kindHolds(project, kind)
  if (NEEDS_COMMIT.includes(kind) && commitLive(facts) === null) holds.push(nothingLive(facts))
  if (kind === 'bundle') {
    if (bundled(facts, asked) === null)
      holds.push({ id: 'no-commits', why: 'there is no commit to bundle', fix: 'commit something first' })
    if ((asked.version ?? decided.version) === null)
      holds.push({
        id: 'no-version',
        why: 'the commit says no version',
        fix: 'name the file it is in: version.file in knowngood.yaml',
      })
  }
  if (asked.includeRedis === true && !namedSources(project).some(({ holds: what }) => what === 'cache'))
    holds.push({ id: 'redis', why: 'no Redis is configured', fix: 'name it under sources in knowngood.yaml' })
  const wrong = name === null ? null : nameFlaw(name)
  if (wrong !== null) holds.push({ id: 'name', why: `${JSON.stringify(name)} cannot be its name`, fix: wrong })
  if (kind === 'baseline' && name === null)
    holds.push({ id: 'name', why: 'a baseline needs a name', fix: 'knowngood baseline create NAME' })
  if (!KINDS[kind].asked && kind !== 'baseline')
    holds.push({ id: 'kind', why: `a ${kind} backup is made by deploys`, fix: 'knowngood deploy' })
  return holds
}

/** Why a kind cannot be made here at all. */
export function kindHolds(project: Project, kind: BackupRequest['kind']): Hold[] {
  const flaw = kindFlaw(project, kind, namedSources(project))
  return flaw === null ? [] : [{ id: 'kind', ...flaw }]
}

function backupWarnings(project: Project, facts: Facts): string[] {
  return [...heldHere(facts), ...(facts.disk.ok ? diskWarnings(project, facts.disk.value) : [])]
}
