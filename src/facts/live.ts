import type { GitFacts, LiveFacts, ReleaseRow } from '../core/facts.ts'
import { known, unknown } from '../core/known.ts'
import type { Known } from '../core/known.ts'
import type { Project } from '../core/project.ts'
import { buildIdOf } from '../core/release.ts'
import type { Git } from '../world/git.ts'
import { resolveCommit } from '../world/git-refs.ts'
import { holePattern } from './live-page.ts'
import type { Page } from './live-page.ts'

/** Names the commit that a page's BUILD_ID belongs to. */
export async function matchLive(
  git: Git,
  project: Project,
  page: Promise<Page>,
  facts: Promise<Known<GitFacts>>,
  releases: Promise<Known<ReleaseRow[]>>,
  at: string,
): Promise<Known<LiveFacts>> {
  const seen = await page
  if (!('buildId' in seen)) return unknown(seen.because, seen.fix, at)
  const matches = await commitOf(git, project.build.id, seen.buildId, await facts, await releases)
  return known({ ...seen, matches }, at)
}

async function commitOf(
  git: Git,
  template: string,
  buildId: string,
  facts: Known<GitFacts>,
  releases: Known<ReleaseRow[]>,
): Promise<string | null> {
  const seen = facts.ok ? facts.value : null
  const near =
    seen === null
      ? []
      : [seen.current, seen.remoteBranch, seen.next?.oid ?? null, ...seen.tags.map((tag) => tag.commit)]
  const hit = near.find((commit) => commit !== null && buildIdOf(template, commit) === buildId)
  if (hit) return hit
  const row = releases.ok ? releases.value.find((release) => release.buildId === buildId) : undefined
  if (row !== undefined) return row.commitSha
  const [, oid] =
    holePattern(template.replace('{short}', '{sha}'), '{sha}', '([0-9a-f]{7,64})', true).exec(buildId) ?? []
  const commit = oid === undefined ? null : await resolveCommit(git, oid)
  return commit !== null && buildIdOf(template, commit) === buildId ? commit : null
}
