import { age, size, stretch } from './age.ts'
import type { BackupKind, ListedBackup } from './backup.ts'
import { doubtsOf, summarize } from './backup-summary.ts'
import type { Facts } from './facts.ts'
import { freshness } from './freshness.ts'
import { KINDS } from './kinds.ts'
import { valueOr } from './known.ts'
import type { Project } from './project.ts'
import { compareRungs } from './proof.ts'

/** Something that is not as it should be while nobody is doing anything; one sentence, and what to do. */
export type Complaint = {
  id:
    | 'stale'
    | 'overdue'
    | 'missing'
    | 'unproven'
    | 'damaged'
    | 'drifted'
    | 'chain'
    | 'interrupted'
    | 'doubt'
    | 'room'
    | 'unknown'
  says: string
  fix: string
}

/** What keeps the state from being good, worst first: for cron and CI. Empty when all is well. */
export function complaints(
  project: Project,
  facts: Facts,
  chain: { ok: boolean; says: readonly string[] },
): Complaint[] {
  const now = new Date(facts.at)
  const backups = valueOr(facts.backups, [])
  return [
    ...unseen(project, facts),
    ...(chain.ok ? [] : [complaint('chain', chain.says[0] ?? 'the audit chain is broken', 'knowngood audit verify')]),
    ...facts.drift.map((says) => complaint('drifted', says, 'knowngood status')),
    ...interrupted(facts),
    ...backups.flatMap(bad),
    ...Object.keys(KINDS).flatMap((kind) => late(project, kind as BackupKind, backups, now)),
    ...baselines(backups),
    ...doubtsOf(summarize(backups, now)).map((says) => complaint('doubt', says, 'knowngood backups')),
    ...overdue(facts),
    ...behind(facts),
    ...room(project, facts),
  ]
}

function complaint(id: Complaint['id'], says: string, fix: string): Complaint {
  return { id, says, fix }
}

/** What could not be looked at is never called good. */
function unseen(project: Project, facts: Facts): Complaint[] {
  const pages = project.verify.checks.some((check) => check.kind === 'url')
  const looked = {
    git: facts.git,
    backups: facts.backups,
    runs: facts.runs,
    ...(pages ? { 'what is live': facts.live } : {}),
  }
  return Object.entries(looked).flatMap(([name, fact]) =>
    fact.ok ? [] : [complaint('unknown', `${name} is unknown: ${fact.because}`, fact.fix)],
  )
}

function interrupted(facts: Facts): Complaint[] {
  const runs = valueOr(facts.runs, []).filter((run) => run.state === 'interrupted' || run.outcome === 'stuck')
  return runs.map(({ id, title }) => complaint('interrupted', `${title} stopped half way`, `knowngood resume ${id}`))
}

function bad(backup: ListedBackup): Complaint[] {
  if (backup.state === 'ok') return []
  const says = `${backup.id} is ${backup.state}: ${backup.because ?? 'no reason known'}`
  return [complaint(backup.state === 'missing' ? 'missing' : 'damaged', says, `knowngood show ${backup.id}`)]
}

/** A kind that is to be fresh: there, young enough, and proven as far as a deploy asks. */
function late(project: Project, kind: BackupKind, backups: readonly ListedBackup[], now: Date): Complaint[] {
  const options = project.backups[kind]
  if (options === null || options.freshMs === null) return []
  const fix = `knowngood backup ${kind}`
  const { newest, stale } = freshness(backups, kind, options.freshMs, now)
  if (newest === null) return [complaint('missing', `there is no ${kind} backup`, fix)]
  const least = project.gate.require.proof
  const made = `the newest ${kind} backup, ${newest.id},`
  return [
    ...(stale
      ? [complaint('stale', `${made} is from ${age(newest.at, now)}, more than ${stretch(options.freshMs)}`, fix)]
      : []),
    ...(compareRungs(newest.rung, least) < 0
      ? [complaint('unproven', `${made} is ${newest.rung}, not ${least}`, `knowngood verify ${newest.id}`)]
      : []),
  ]
}

/** Break glass needs one that has been put back once. */
function baselines(backups: readonly ListedBackup[]): Complaint[] {
  const found = backups.filter((backup) => backup.kind === 'baseline' && backup.state === 'ok')
  if (found.length === 0) return [complaint('missing', 'there is no baseline', 'knowngood baseline create NAME')]
  if (found.some((backup) => backup.rung === 'restored')) return []
  const [newest] = found
  const says = 'no baseline has been restored, not even into a scratch place'
  return [complaint('unproven', says, `knowngood verify ${newest?.id ?? ''} --rung restored`)]
}

function overdue({ drills }: Facts): Complaint[] {
  return drills
    .filter(({ overdueMs, lastAt }) => overdueMs > 0 || lastAt === null)
    .map(({ kind, lastAt, overdueMs }) => {
      const late =
        lastAt === null ? `the ${kind} drill was never passed` : `the ${kind} drill is ${stretch(overdueMs)} overdue`
      return complaint('overdue', late, `knowngood drill ${kind}`)
    })
}

function behind({ mirrors }: Facts): Complaint[] {
  return mirrors
    .filter(({ stale }) => stale)
    .map(({ to, lacks }) =>
      complaint('stale', `the mirror ${to} lacks ${lacks.length}: ${lacks.join(', ')}`, 'knowngood mirror push'),
    )
}

function room(project: Project, facts: Facts): Complaint[] {
  if (!facts.disk.ok) return []
  const { free, total, used } = facts.disk.value
  const { folder, volume } = project.disk
  const full = total === 0 ? 0 : Math.round((100 * (total - free)) / total)
  const fix = 'knowngood prune --dry-run'
  return [
    ...(used > folder ? [complaint('room', `backups hold ${size(used)}, more than ${size(folder)}`, fix)] : []),
    ...(full > volume ? [complaint('room', `the volume is ${full} % full, more than ${volume} %`, fix)] : []),
  ]
}
