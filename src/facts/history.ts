import type { DeployLogEntry, Facts, HistoryRow, ReleaseRow, RunSummary, TagFact } from '../core/facts.ts'
import { valueOr } from '../core/known.ts'
import { short } from '../core/naming.ts'

type Seen = Pick<Facts, 'git' | 'logs' | 'releases' | 'runs'>

/**
 * What happened to production, newest first: release records, deploy logs (also those written by hand), prod tags that
 * have neither, and runs that failed. What several of them tell is one row.
 */
export function history(seen: Seen): HistoryRow[] {
  const runs = valueOr(seen.runs, [])
  const byRun = new Map(runs.map((one) => [one.id, one]))
  const rows: HistoryRow[] = []
  const known = new Map<string, HistoryRow>()
  const keep = (row: HistoryRow, keys: (string | null)[]) => {
    const names = keys.filter((key) => key !== null)
    const same = names.map((key) => known.get(key)).find((found) => found !== undefined)
    if (same === undefined) rows.push(row)
    else fillIn(same, row)
    for (const key of names) known.set(key, same ?? row)
  }
  for (const release of valueOr(seen.releases, []))
    keep(fromRelease(release, byRun), [run(release.run), tag(release.outcome, release.tag)])
  for (const log of valueOr(seen.logs, [])) keep(fromLog(log, byRun), [run(log.run), tag(log.outcome, log.tag)])
  for (const one of seen.git.ok ? seen.git.value.tags : []) {
    if (one.release) keep(fromTag(one), [tag(null, one.name)])
  }
  for (const one of runs) {
    if (isNews(one)) keep(fromRun(one), [run(one.id)])
  }
  const told = rows.filter((row) => row.mark !== 'verified' || !rows.some((other) => isCertificate(other, row)))
  return told
    .map((row) => ({ row, time: Date.parse(row.at) }))
    .toSorted((a, b) => b.time - a.time || b.row.name.localeCompare(a.row.name, 'en', { numeric: true }))
    .map(({ row }) => row)
}

/** What was verified first and certified in a run of its own is one release. */
function isCertificate(row: HistoryRow, verified: HistoryRow): boolean {
  return row.mark === 'release' && row.commit !== null && row.commit === verified.commit && row.at >= verified.at
}

function run(id: string | null): string | null {
  return id === null ? null : `run ${id}`
}

/** A rollback or a failure names a tag without being it. */
function tag(outcome: string | null, name: string | null): string | null {
  return name === null || markOf(outcome) !== 'release' ? null : `tag ${name}`
}

function markOf(outcome: string | null): HistoryRow['mark'] {
  const said = (outcome ?? '').toLowerCase()
  if (/roll(ed)?[ -]?back|^emergency/.test(said)) return 'rollback'
  if (/fail|not put back|wrong|undone|halted|stuck|stopped|abandoned/.test(said)) return 'failed'
  if (said.startsWith('verified')) return 'verified'
  return 'release'
}

/** Which of the ways back it was. */
function wayBack(outcome: string | null): string {
  return (outcome ?? '').startsWith('emergency') ? 'emergency' : 'rollback'
}

function fromRelease(release: ReleaseRow, runs: Map<string, RunSummary>): HistoryRow {
  const mark = markOf(release.outcome)
  return {
    mark,
    name: release.tag ?? short(release.commitSha),
    at: release.recordedAt,
    type: mark === 'rollback' ? wayBack(release.outcome) : release.deploymentType,
    tookMs: took(runs.get(release.run ?? '')),
    by: release.operator ?? '',
    note: '',
    commit: release.commitSha,
    run: release.run,
    log: null,
  }
}

function fromLog(log: DeployLogEntry, runs: Map<string, RunSummary>): HistoryRow {
  const mark = markOf(log.outcome)
  return {
    mark,
    name: log.tag ?? (log.commit === null ? log.slug : short(log.commit)),
    at: log.at ?? `${log.date}T00:00:00.000Z`,
    type: mark === 'rollback' ? wayBack(log.outcome) : (log.type ?? 'release'),
    tookMs: took(runs.get(log.run ?? '')),
    by: log.operator ?? '',
    note: mark === 'failed' ? stoppedAt(runs.get(log.run ?? '')) || (log.outcome ?? '') : '',
    commit: log.commit,
    run: log.run,
    log: log.file,
  }
}

function fromTag(one: TagFact): HistoryRow {
  const { name, at, tagger, commit } = one
  return {
    mark: 'release',
    name,
    at,
    type: 'release',
    tookMs: null,
    by: tagger,
    note: '',
    commit,
    run: null,
    log: null,
  }
}

function fromRun(one: RunSummary): HistoryRow {
  // Putting back and abandoning succeed as well.
  const failed = one.exit !== 0 || one.outcome !== 'done'
  return {
    mark: failed ? 'failed' : one.op === 'rollback' || one.op === 'emergency' ? 'rollback' : 'verified',
    name: one.subject,
    at: one.startedAt,
    type: one.op,
    tookMs: took(one),
    by: one.by,
    note: failed ? stoppedAt(one) : '',
    commit: null,
    run: one.id,
    log: null,
  }
}

/** Runs that changed production or tried to; a certified one is told by its record. */
function isNews(one: RunSummary): boolean {
  if (one.state === 'running' || (one.op !== 'deploy' && one.op !== 'rollback')) return false
  return one.exit !== 3 && one.exit !== 6
}

function stoppedAt(one: RunSummary | undefined): string {
  return one === undefined || one.lastStepTitle === null ? '' : `stopped at ${one.lastStepTitle}`
}

function took(one: RunSummary | undefined): number | null {
  return one === undefined || one.endedAt === null ? null : Date.parse(one.endedAt) - Date.parse(one.startedAt)
}

/** The first one told is the surest; the others add what it does not say. */
function fillIn(row: HistoryRow, other: HistoryRow): void {
  // A log by hand knows the day only; the tag of that day knows the time.
  if (row.at.endsWith('T00:00:00.000Z') && other.at.startsWith(row.at.slice(0, 10))) row.at = other.at
  row.log ??= other.log
  row.run ??= other.run
  row.commit ??= other.commit
  row.tookMs ??= other.tookMs
  if (row.by === '') row.by = other.by
  if (row.note === '') row.note = other.note
}
