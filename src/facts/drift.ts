import type { Facts, ReleaseRow, TagFact } from '../core/facts.ts'
import { short } from '../core/naming.ts'
import type { Project } from '../core/project.ts'
import { buildIdOf, tagPattern } from '../core/release.ts'
import { clean } from '../core/text.ts'
import { readAudit } from '../records/audit-log.ts'

/** A tag as it was recorded when it was made. */
type RecordedTag = { tag: string; commit: string }

type Seen = Pick<Facts, 'git' | 'live' | 'releases'>

/** Tags with their commits as the audit log has them; a tag recorded twice counts as it was last. */
async function certified(root: string): Promise<RecordedTag[]> {
  const rows = await readAudit(root).catch(() => [])
  const recorded = new Map<string, string>()
  for (const { entry } of rows) {
    const { tag, commit } = entry?.detail ?? {}
    if (typeof tag === 'string' && typeof commit === 'string' && entry?.event !== 'rollback') recorded.set(tag, commit)
  }
  return [...recorded].map(([tag, commit]) => ({ tag, commit }))
}

/** What is recorded and no longer true, one sentence each. */
function sentences(project: Project, seen: Seen, recorded: readonly RecordedTag[], moved: readonly string[]): string[] {
  const names = [tagPattern(project.git.tag), /^sacred\//]
  const elsewhere = moved.filter((tag) => names.some((name) => name.test(tag)))
  const said = elsewhere.map((tag) => `The tag ${clean(tag)} is another one on ${project.git.remote} than here.`)
  return [...tagDrift(seen, recorded), ...said, ...liveDrift(project, seen)]
}

function tagDrift(seen: Seen, recorded: readonly RecordedTag[]): string[] {
  if (!seen.git.ok) return []
  const here = new Map(seen.git.value.tags.map((tag) => [tag.name, tag.commit]))
  const expected = new Map(recorded.map(({ tag, commit }) => [tag, commit]))
  for (const row of seen.releases.ok ? seen.releases.value : []) {
    if (row.tag !== null && row.outcome === 'certified' && !expected.has(row.tag)) expected.set(row.tag, row.commitSha)
  }
  return [...expected].flatMap(([tag, commit]) => {
    const stands = here.get(tag)
    if (stands === undefined) return [`The tag ${clean(tag)}, recorded on ${short(commit)}, is missing.`]
    return stands === commit
      ? []
      : [`The tag ${clean(tag)} was recorded on ${short(commit)} and is on ${short(stands)} now.`]
  })
}

function liveDrift(project: Project, seen: Seen): string[] {
  const newest = newestRelease(project, seen)
  if (newest === null) return []
  const said: string[] = []
  const { live, git } = seen
  if (live.ok && live.value.buildId !== newest.buildId) {
    said.push(
      `Production serves BUILD_ID ${clean(live.value.buildId).slice(0, 60)}, not that of ${newest.name} (${newest.buildId.slice(0, 60)}).`,
    )
  }
  if (git.ok && git.value.current !== null && git.value.current !== newest.commit) {
    said.push(
      `${project.git.current} is on ${short(git.value.current)}, not on ${newest.name} (${short(newest.commit)}).`,
    )
  }
  return said
}

type Newest = { name: string; commit: string; buildId: string }

/** What production was last proven to serve: by the records, or by the newest prod tag where it is newer than those. */
function newestRelease(project: Project, seen: Seen): Newest | null {
  const rows = seen.releases.ok ? seen.releases.value : []
  const proven = rows
    .filter((row) => row.outcome === 'certified' || row.outcome === 'rollback')
    .toSorted((a, b) => b.recordedAt.localeCompare(a.recordedAt) || Number(b.id) - Number(a.id))[0]
  const newest = seen.git.ok ? seen.git.value.tags.find(({ release }) => release) : undefined
  if (proven !== undefined && !isElsewhere(newest, rows, proven.recordedAt)) {
    const { tag, commitSha: commit, outcome } = proven
    const name = tag ?? short(commit)
    return {
      name: clean(outcome === 'rollback' ? `the rollback to ${name}` : name),
      commit,
      buildId: proven.buildId ?? buildIdOf(project.build.id, commit),
    }
  }
  return newest === undefined
    ? null
    : { name: clean(newest.name), commit: newest.commit, buildId: buildIdOf(project.build.id, newest.commit) }
}

/** A release that another clone certified, after all that is recorded here. */
function isElsewhere(tag: TagFact | undefined, rows: readonly ReleaseRow[], since: string): boolean {
  return tag !== undefined && Date.parse(tag.at) > Date.parse(since) && !rows.some((row) => row.tag === tag.name)
}

export const drift = { certified, sentences }
