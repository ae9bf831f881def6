import { badChapter } from './bad-release.ts'
import { commitStream, tagStream } from './fast-import.ts'
import { git } from './git.ts'
import { releaseLog } from './release-log.ts'
import { emptySite } from './site.ts'
import { story } from './story.ts'

export type PastRelease = { tag: string; commit: string; at: Date; by: string; version: string; title: string }

export type History = {
  releases: PastRelease[]
  /** The first commit of all; the oldest backup names it. */
  first: { commit: string; subject: string }
  /** The newest released commit, which production serves. */
  live: string
  /** What ran against production's database, oldest first. */
  migrations: { name: string; sql: string }[]
}

const MINUTE = 60_000
const DAY = 86_400_000

/** Writes the story into the repository at `root`. The same day gives the same commit ids. */
export async function writeHistory(root: string, env: Record<string, string>, now: Date): Promise<History> {
  const releases: PastRelease[] = []
  let migrations: History['migrations'] = []
  let site = emptySite
  let stream = ''
  const write = async (): Promise<string> => {
    await git(root, env, ['fast-import', '--quiet', '--force'], stream)
    stream = ''
    return git(root, env, ['rev-parse', 'refs/heads/main'])
  }
  // fast-import carries a branch on by itself within a stream; only the first commit of a stream says from where.
  const from = (): string => (stream !== '' || releases.length === 0 ? '' : 'refs/heads/main^0')
  for (const chapter of story) {
    const at = momentOf(chapter, now)
    site = { ...site, ...chapter.change(site, at.toISOString().slice(0, 10)) }
    stream += commitStream({ site, by: chapter.by, at, subject: chapter.subject }, from())
    if (chapter.release === undefined) continue
    const live = new Date(at.getTime() + 18 * MINUTE)
    const tag = `prod-${at.toISOString().slice(0, 10)}`
    const { version } = site
    stream += tagStream(tag, chapter.by, live, `${chapter.release.title}\n\nVersion ${version}, verified live by hand.`)
    const past = { tag, commit: await write(), at: live, by: chapter.by, version, title: chapter.release.title }
    const log = releaseLog(past, chapter.release, releases.at(-1) ?? null)
    releases.push(past)
    migrations = Object.entries(site.migrations).map(([path, sql]) => ({ name: path.replace('migrations/', ''), sql }))
    site = { ...site, logs: { ...site.logs, [log.path]: log.text } }
    const written = new Date(live.getTime() + 27 * MINUTE)
    const subject = `Record the release of ${tag.replace('prod-', '')}`
    stream += commitStream({ site, by: chapter.by, at: written, subject }, from())
  }
  const bad = { site: { ...site, cookieDomain: badChapter.cookieDomain }, at: momentOf(badChapter, now) }
  stream += commitStream({ ...badChapter, ...bad }, 'refs/heads/main', badChapter.branch)
  await write()
  const first = (await git(root, env, ['rev-list', '--max-parents=0', 'main'])).trim()
  return {
    releases,
    first: { commit: first, subject: story[0]?.subject ?? '' },
    live: releases.at(-1)?.commit ?? first,
    migrations,
  }
}

/** The moment a chapter happened: its UTC time of day, that many days before now. */
function momentOf(chapter: { ago: number; at: string }, now: Date): Date {
  const day = new Date(now.getTime() - chapter.ago * DAY).toISOString().slice(0, 10)
  return new Date(`${day}T${chapter.at}:00.000Z`)
}
