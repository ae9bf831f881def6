import type { GitFacts, LiveFacts, ReleaseRow } from '../core/facts.ts'
import { messageOf } from '../core/failure.ts'
import { known, unknown } from '../core/known.ts'
import type { Known } from '../core/known.ts'
import type { Project } from '../core/project.ts'
import { buildIdOf } from '../core/release.ts'
import type { Git } from '../world/git.ts'
import { resolveCommit } from '../world/git-refs.ts'
import { readUrl } from '../world/http.ts'

type Page = { buildId: string; url: string; ms: number } | { because: string; fix: string }

const PATIENCE_MS = 5_000
const CHECK = 'Add a check to verify.checks: { url: …, contains: "<!-- BUILD_ID:{id} -->" }'

/** Reads the live page and finds its BUILD_ID where the project's own checks expect it. Never throws. */
export async function readLive(project: Project, signal?: AbortSignal): Promise<Page> {
  const place = pagePattern(project)
  if (place === null) return { because: 'no check says where the BUILD_ID stands', fix: CHECK }
  const { url, patterns, timeoutMs } = place
  try {
    const limit = { timeoutMs: Math.min(timeoutMs, PATIENCE_MS), redirect: 'follow' as const }
    const answer = await readUrl(url, signal === undefined ? limit : { ...limit, signal })
    if (answer.status !== 200) return { because: `${url} answers ${answer.status}`, fix: `Look at it: curl -i ${url}` }
    const found = patterns.map((one) => one.exec(answer.body)?.[1]).find((id) => id !== undefined)
    if (found === undefined)
      return { because: `${url} carries no BUILD_ID`, fix: 'Deploy once with build.stamp, or correct verify.checks' }
    return { buildId: found, url, ms: answer.ms }
  } catch (error) {
    return { because: messageOf(error), fix: `Look at it: curl -i ${url}` }
  }
}

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
  const [, oid] = pattern(template.replace('{short}', '{sha}'), '{sha}', '([0-9a-f]{7,64})', true).exec(buildId) ?? []
  const commit = oid === undefined ? null : await resolveCommit(git, oid)
  return commit !== null && buildIdOf(template, commit) === buildId ? commit : null
}

/** The page to read, and how its BUILD_ID looks: by a check that names it, else by what the build stamps. */
export function pagePattern(
  project: Pick<Project, 'verify' | 'build'>,
): { url: string; patterns: RegExp[]; timeoutMs: number } | null {
  const urls = project.verify.checks.filter((check) => check.kind === 'url')
  const named = urls.find((check) => check.contains?.includes('{id}'))
  const page = named ?? urls[0]
  if (page === undefined) return null
  const texts = named?.contains
    ? [named.contains]
    : project.build.stamp.map((stamp) => stamp.text).filter((text) => text.includes('{id}'))
  if (texts.length === 0) return null
  return {
    url: page.url,
    patterns: texts.map((text) => pattern(text, '{id}', String.raw`([\w.+:@/-]{1,200}?)`, false)),
    timeoutMs: page.timeoutMs,
  }
}

function pattern(text: string, hole: string, fits: string, whole: boolean): RegExp {
  const [before = '', ...after] = text
    .split(hole)
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
  const rest = after.join(hole === '{id}' ? String.raw`\1` : '.*')
  // Without anything behind it, the shortest fit would be one letter.
  const end = rest === '' ? String.raw`(?![\w.+:@/-])` : rest
  return new RegExp(whole ? `^${before}${fits}${rest}$` : `${before}${fits}${end}`)
}
