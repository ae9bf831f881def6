import type { ListedBackup } from './backup.ts'
import { commitLive } from './commit-live.ts'
import { failedReleases } from './failed-releases.ts'
import type { Facts, GitFacts, RollbackCandidate, TagFact } from './facts.ts'
import { short } from './naming.ts'
import type { Project } from './project.ts'
import { pushesBranch, releaseTagOn, releaseTags } from './release.ts'
import { compareSchema, schemaNow } from './schema-revision.ts'
import type { Revision } from './schema-revision.ts'
import { valueOr } from './known.ts'
import type { Known } from './known.ts'

/** Kinds that remember a commit one may go back to; what a deploy kept goes by its tag. */
const WAYS_BACK: readonly ListedBackup['kind'][] = ['quick', 'full', 'release', 'set', 'baseline']

/** What a rollback may return to, newest first: prod tags and backups of a commit, also those not offered, with the reason. */
export function rollbackCandidates(project: Project, facts: Facts): RollbackCandidate[] {
  if (!facts.git.ok) return []
  const git = facts.git.value
  const releases = releaseTags(git)
  const undone = undoing(git, releases)
  const tags = releases.map((tag, index) => tagCandidate(project, facts, git, releases, undone, tag, index))
  const kept = valueOr(facts.backups, []).filter((backup) => WAYS_BACK.includes(backup.kind))
  const backups = kept.map((backup) => backupCandidate(project, facts, git, undone, backup))
  return [...tags, ...backups]
    .map((candidate) => ({ candidate, time: Date.parse(candidate.at) }))
    .toSorted((a, b) => b.time - a.time)
    .map(({ candidate }) => candidate)
}

/** What going back to each backup would undo, the newest first; nothing for one that is no way back. */
export function undoneBy(git: Known<Standing>): (backup: ListedBackup) => readonly string[] {
  if (!git.ok) return () => []
  const undone = undoing(git.value, releaseTags(git.value))
  return ({ kind, at, commit }) => (WAYS_BACK.includes(kind) ? undone(at, commit ?? '') : [])
}

/**
 * The release production was last proven to serve, certified or rolled back to, when a rollback may return to it. By
 * the newest record, while the current branch stands where that left it. Where it does not, another clone has moved it;
 * then, and where there are no records yet, it is the tag the current branch stands on.
 */
export function provenTag(project: Project, facts: Facts): string | null {
  if (!facts.git.ok) return null
  const { current } = facts.git.value
  const proven = valueOr(facts.releases, [])
    .filter((row) => row.outcome === 'certified' || row.outcome === 'rollback')
    .toSorted((a, b) => b.recordedAt.localeCompare(a.recordedAt) || Number(b.id) - Number(a.id))[0]
  const ours = current === null || proven?.commitSha === '' || proven?.commitSha === current
  const name = (ours ? proven?.tag : null) ?? releaseTagOn(facts.git.value, current)?.name
  const found = rollbackCandidates(project, facts).find((one) => one.kind === 'tag' && one.id === name)
  return found?.offered === true ? found.id : null
}

function tagCandidate(
  project: Project,
  facts: Facts,
  git: GitFacts,
  releases: TagFact[],
  undone: Undone,
  tag: TagFact,
  index: number,
): RollbackCandidate {
  // A rollback to the tag is recorded under its name as well, on a commit of its own.
  const row = valueOr(facts.releases, []).find((one) => one.tag === tag.name && one.outcome === 'certified')
  const schema = schemaVerdict(facts, tag.commit, row?.schemaRevision)
  const moved = row !== undefined && row.commitSha !== '' && row.commitSha !== tag.commit
  const because = moved
    ? `the tag was on ${short(row.commitSha)} when it was certified`
    : isLive(project, facts, git, tag.commit)
  const next = releases[index - 1]
  // The newest one has not been followed by another: it ran until now, or until what came after it failed.
  const until = next === undefined ? facts.at : next.at
  return {
    id: tag.name,
    kind: 'tag',
    at: tag.at,
    commit: tag.commit,
    subject: tag.subject,
    ranMs: Math.max(0, Date.parse(until) - Date.parse(tag.at)),
    undoes: undone(tag.at, tag.commit),
    schema,
    rung: 'certified',
    offered: because === null,
    because,
  }
}

function backupCandidate(
  project: Project,
  facts: Facts,
  git: GitFacts,
  undone: Undone,
  backup: ListedBackup,
): RollbackCandidate {
  const whole = backup.state === 'ok' && backup.commit !== null
  const flaw = whole ? null : (backup.because ?? `it is ${backup.state === 'ok' ? 'without a commit' : backup.state}`)
  const because = flaw ?? isLive(project, facts, git, backup.commit ?? '')
  const data = dataIn(project, backup)
  const failed = failedReleases(facts.history).get(backup.commit ?? '')
  return {
    id: backup.id,
    kind: backup.kind,
    at: backup.at,
    commit: backup.commit ?? '',
    subject: backup.commitSubject ?? backup.notes ?? '',
    ranMs: null,
    undoes: undone(backup.at, backup.commit ?? ''),
    schema: schemaVerdict(facts, backup.commit ?? '', backup.schemaRevision),
    rung: backup.rung,
    ...(data.length === 0 ? {} : { data }),
    ...(failed === undefined ? {} : { failed }),
    offered: because === null,
    because,
  }
}

/** Configured sources that a restore would put back from it: not code, nor what only describes. */
function dataIn(project: Project, { parts }: ListedBackup): string[] {
  const names = new Set(parts.map((part) => part.source))
  return [...names].filter((name) => {
    const options = project.sources[name]
    return options !== undefined && !['git', 'environment'].includes(options.use) && options['parts'] === undefined
  })
}

/** By the revision that was recorded; where none was, by the migrations in the two commits themselves. */
function schemaVerdict(facts: Facts, commit: string, recorded: Revision): RollbackCandidate['schema'] {
  const verdict = compareSchema(schemaNow(facts.sources), recorded)
  const here = facts.migrations[commitLive(facts)?.commit ?? '']
  const there = facts.migrations[commit]
  if (verdict.verdict !== 'unknown' || here === undefined || there === undefined) return verdict
  return { verdict: here.tree === there.tree ? 'same' : 'differs', from: here.newest, to: there.newest }
}

type Undone = (at: string, commit: string) => string[]
type Standing = Pick<GitFacts, 'tags' | 'current' | 'remoteBranch'>

/** What going back to a moment undoes: the releases after it, and what stands on the branch without having been certified. */
function undoing(git: Standing, releases: readonly TagFact[]): Undone {
  // Tags know whole seconds: a deploy's own backup is made in the second its tag carries.
  const second = (iso: string) => Math.floor(Date.parse(iso) / 1000)
  const seconds = releases.map((tag) => second(tag.at))
  const tagged = new Map<string, number[]>()
  for (const [index, { commit }] of releases.entries()) tagged.set(commit, [...(tagged.get(commit) ?? []), index])
  const tip = git.remoteBranch
  const loose = tip !== null && tip !== git.current && !git.tags.some((tag) => tag.commit === tip) ? short(tip) : null
  const all = releases.map(({ name }) => name)
  const lists = new Map<string, string[]>()
  /** The newest releases but for those, after the tip of the branch; thousands of backups share these lists. */
  const newest = (count: number, own: readonly number[], first: string | null): string[] => {
    const key = `${count} ${own.join()} ${first}`
    const known = lists.get(key)
    if (known !== undefined) return known
    const names = all.slice(0, count)
    for (const index of own.toReversed()) names.splice(index, 1)
    if (first !== null) names.unshift(first)
    lists.set(key, names)
    return names
  }
  return (at, commit) => {
    const moment = second(at)
    // Newest first: what comes later is where the list begins.
    let count = 0
    for (let end = seconds.length; count < end;) {
      const middle = Math.floor((count + end) / 2)
      if ((seconds[middle] ?? 0) >= moment) count = middle + 1
      else end = middle
    }
    const own = (tagged.get(commit) ?? []).filter((index) => index < count)
    return newest(count, own, tip === commit ? null : loose)
  }
}

/** Whether a backup with data is no way back only because its code is live: its data alone may be put back. */
export function dataAlone(project: Project, facts: Facts, { commit, data, because }: RollbackCandidate): boolean {
  if (data === undefined || because === null || !facts.git.ok) return false
  return isLive(project, facts, facts.git.value, commit) === because
}

/** Why this commit is nothing to go back to: it is on the branch, recorded as current, and what the site serves. */
function isLive(project: Project, facts: Facts, git: GitFacts, commit: string): string | null {
  const here = pushesBranch(project) ? (git.remoteBranch ?? git.current) : git.current
  const settled = (git.current === null || git.current === here) && commitLive(facts)?.commit === here
  if (!settled || here === null) return null
  if (here === commit) return 'it is live'
  return returnedTo(facts, git, here) === commit ? 'it is live since the last rollback' : null
}

/** The certified commit whose tree a rollback's own commit has, where that one went back to a tag. */
function returnedTo(facts: Facts, git: GitFacts, commit: string): string | null {
  const row = valueOr(facts.releases, []).find((one) => one.outcome === 'rollback' && one.commitSha === commit)
  return git.tags.find((tag) => tag.name === row?.tag)?.commit ?? null
}
