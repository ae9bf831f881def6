import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Demo } from './demo.ts'
import { git } from './git.ts'

/** What the site serves: the BUILD_ID in its page and the status of its health. A plain read, nothing of Knowngood's. */
export async function lookLive(demo: Demo): Promise<{ buildId: string | null; health: number }> {
  const page = await (await fetch(`${demo.url}/`)).text()
  const health = await fetch(`${demo.url}/health`)
  await health.text()
  return { buildId: /<!-- BUILD_ID:([^ ]+) -->/.exec(page)?.[1] ?? null, health: health.status }
}

/** The commit a name stands for in the remote repository; null when it has no such name. */
export async function onRemote(demo: Demo, name: string): Promise<string | null> {
  const env = { ...demo.env, GIT_DIR: demo.remote }
  return await git(demo.remote, env, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`]).catch(() => null)
}

/** Every prod tag in the remote repository, the newest first. */
export async function remoteTags(demo: Demo): Promise<string[]> {
  const text = await git(demo.remote, { ...demo.env, GIT_DIR: demo.remote }, [
    'tag',
    '--list',
    'prod-*',
    '--sort=-creatordate',
  ])
  return text.split('\n').filter((name) => name !== '')
}

/** The tree of a commit in the remote repository: equal trees are equal files. */
export async function remoteTree(demo: Demo, name: string): Promise<string> {
  return await git(demo.remote, { ...demo.env, GIT_DIR: demo.remote }, ['rev-parse', '--verify', `${name}^{tree}`])
}

/** The names of the quick records in the clone's backup folder. */
export async function quickRecords(demo: Demo): Promise<string[]> {
  return await readdir(join(demo.root, 'backups', 'quick'))
}
