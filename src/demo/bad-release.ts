import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Demo } from './demo.ts'
import { git } from './git.ts'

/**
 * A change that passes every check here and breaks sign-in in production: the cookie then names another host. It
 * waits on a branch of its own; merging it makes the next release a bad one.
 */
export const badChapter = {
  ago: 1,
  at: '17:20',
  by: 'ben',
  branch: 'share-sign-in',
  subject: 'Share the sign-in across subdomains',
  cookieDomain: 'mosaic.example',
} as const

/**
 * Commits a change to the clone's main that passes every check here and breaks sign-in once it is live: `/health`
 * then answers 500. Gives the commit.
 */
export async function commitBadRelease(demo: Demo, at: Date): Promise<string> {
  const file = join('config', 'session.json')
  const path = join(demo.root, file)
  const session: unknown = JSON.parse(await readFile(path, 'utf8'))
  await writeFile(path, `${JSON.stringify({ ...Object(session), domain: badChapter.cookieDomain }, null, 2)}\n`)
  const date = `${Math.floor(at.getTime() / 1000)} +0000`
  const author = `${badChapter.by} <${badChapter.by}@mosaic.example>`
  const env = { ...demo.env, GIT_COMMITTER_DATE: date }
  await git(demo.root, env, [
    'commit',
    '--quiet',
    `--author=${author}`,
    `--date=${date}`,
    '-m',
    badChapter.subject,
    '--',
    file,
  ])
  return git(demo.root, demo.env, ['rev-parse', 'HEAD'])
}
