import { messageOf } from '../core/failure.ts'
import type { Project } from '../core/project.ts'
import { readUrl } from '../world/http.ts'

/** What the live page says of itself, or why it says nothing. */
export type Page = { buildId: string; url: string; ms: number } | { because: string; fix: string }

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
    patterns: texts.map((text) => holePattern(text, '{id}', String.raw`([\w.+:@/-]{1,200}?)`, false)),
    timeoutMs: page.timeoutMs,
  }
}

/** Finds what fills a hole in a text; `whole` when nothing may stand around it. */
export function holePattern(text: string, hole: string, fits: string, whole: boolean): RegExp {
  const [before = '', ...after] = text
    .split(hole)
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
  const rest = after.join(hole === '{id}' ? String.raw`\1` : '.*')
  // Without anything behind it, the shortest fit would be one letter.
  const end = rest === '' ? String.raw`(?![\w.+:@/-])` : rest
  return new RegExp(whole ? `^${before}${fits}${rest}$` : `${before}${fits}${end}`)
}
