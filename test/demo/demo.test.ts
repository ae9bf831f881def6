import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { appendFile, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { commitBadRelease } from '../../src/demo/bad-release.ts'
import { makeDemo } from '../../src/demo/demo.ts'
import type { Demo } from '../../src/demo/demo.ts'

const at = new Date('2025-11-21T12:04:31Z')
const open: Demo[] = []

async function demo(options: Parameters<typeof makeDemo>[0] = { now: at }): Promise<Demo> {
  const made = await makeDemo(options)
  open.push(made)
  return made
}

afterEach(async () => {
  for (const made of open.splice(0)) await made.stop()
})

const git = (made: Demo, ...args: string[]): string =>
  execFileSync('git', args, { cwd: made.root, env: made.env, encoding: 'utf8' }).trim()

async function liveBuild(made: Demo): Promise<string | undefined> {
  return /BUILD_ID:(\w+)/.exec(await (await fetch(`${made.url}/`)).text())?.[1]
}

async function untilLive(made: Demo, commit: string): Promise<void> {
  for (let tries = 0; tries < 100 && (await liveBuild(made)) !== commit; tries += 1) await sleep(50)
  expect(await liveBuild(made)).toBe(commit)
}

test('production serves the newest release, and main is ahead of it with a migration', async () => {
  const made = await demo()
  const live = git(made, 'rev-parse', 'prod-2025-11-18^{commit}')
  expect(await liveBuild(made)).toBe(live)
  expect((await fetch(`${made.url}/health`)).status).toBe(200)
  expect(git(made, 'tag', '--list').split('\n')).toEqual([
    'prod-2025-10-28',
    'prod-2025-11-09',
    'prod-2025-11-12',
    'prod-2025-11-18',
  ])
  expect(git(made, 'cat-file', '-t', 'prod-2025-11-18')).toBe('tag')
  const remote = git(made, 'ls-remote', 'origin', 'refs/heads/*').replaceAll('\t', ' ').split('\n')
  expect(remote).toEqual([`${live} refs/heads/main`, `${live} refs/heads/prod-current`])
  expect(Number(git(made, 'rev-list', '--count', 'origin/main..main'))).toBe(6)
  expect(git(made, 'diff', '--name-only', 'origin/main', 'main', '--', 'migrations')).toMatch(
    /_conversation_names\.sql$/,
  )
  expect(Number(git(made, 'rev-list', '--count', 'main'))).toBeGreaterThanOrEqual(30)
  expect(git(made, 'status', '--porcelain')).toBe('')
})

test('a hand-written log names the tag and the commit it is on', async () => {
  const made = await demo()
  const log = await readFile(join(made.root, 'deploy_logs', '2025-11-18_ps101-qa-mode.md'), 'utf8')
  const [, tag = '', commit] = /Production tag recorded: `(\S+)` @ commit `(\w{40})`/.exec(log) ?? []
  expect(git(made, 'rev-parse', `${tag}^{commit}`)).toBe(commit)
})

test('one earlier quick record took a flipped byte, the others name commits that are there', async () => {
  const made = await demo()
  const folder = join(made.root, 'backups', 'quick')
  const records = await Promise.all(
    (await readdir(folder)).map(async (name) => await readFile(join(folder, name), 'utf8')),
  )
  const commits = records.map((text) => String((JSON.parse(text) as { commitHash: unknown }).commitHash))
  const whole = commits.filter((commit) => /^[0-9a-f]{40}$/.test(commit))
  expect(commits).toHaveLength(5)
  expect(whole).toHaveLength(4)
  for (const commit of whole) expect(git(made, 'cat-file', '-t', commit)).toBe('commit')
})

test('what is pushed to main is live a moment later, stamped', async () => {
  const made = await demo()
  const next = git(made, 'rev-parse', 'main')
  git(made, 'push', '--quiet', 'origin', 'main')
  expect(await liveBuild(made)).not.toBe(next)
  await untilLive(made, next)
})

test('two pushes at once end with the later one', async () => {
  const made = await demo()
  git(made, 'push', '--quiet', 'origin', 'main~2:main')
  git(made, 'push', '--quiet', 'origin', 'main')
  await untilLive(made, git(made, 'rev-parse', 'main'))
  await sleep(500)
  expect(await liveBuild(made)).toBe(git(made, 'rev-parse', 'main'))
})

test('going back is published too', async () => {
  const made = await demo()
  git(made, 'push', '--quiet', '--force', 'origin', 'prod-2025-11-12^{commit}:refs/heads/main')
  await untilLive(made, git(made, 'rev-parse', 'prod-2025-11-12^{commit}'))
})

test('a bad release passes the check here and is ill once it is live', async () => {
  const made = await demo()
  const bad = await commitBadRelease(made, at)
  expect(git(made, 'status', '--porcelain')).toBe('')
  execFileSync('sh', ['scripts/verify.sh'], { cwd: made.root, env: made.env })
  git(made, 'push', '--quiet', 'origin', 'main')
  await untilLive(made, bad)
  const health = await fetch(`${made.url}/health`)
  expect(health.status).toBe(500)
  expect(await health.text()).toContain('mosaic.example')
})

test('the bad release also waits on a branch, to be merged by hand', async () => {
  const made = await demo()
  git(made, 'merge', '--quiet', '--ff-only', 'share-sign-in')
  git(made, 'push', '--quiet', 'origin', 'main')
  await untilLive(made, git(made, 'rev-parse', 'main'))
  expect((await fetch(`${made.url}/health`)).status).toBe(500)
})

test('the same day gives the same commits, and two demos do not share a thing', async () => {
  const [one, two] = await Promise.all([demo({ now: at, seed: 7 }), demo({ now: at, seed: 7 })])
  expect(one.dir).not.toBe(two.dir)
  expect(one.url).not.toBe(two.url)
  expect(git(one, 'rev-parse', 'main')).toBe(git(two, 'rev-parse', 'main'))
  git(one, 'push', '--quiet', 'origin', 'main')
  await untilLive(one, git(one, 'rev-parse', 'main'))
  expect(await liveBuild(two)).toBe(git(two, 'rev-parse', 'prod-2025-11-18^{commit}'))
  await one.stop()
  expect((await fetch(`${two.url}/health`)).status).toBe(200)
})

test('stop removes everything, even while the host is publishing', async () => {
  const made = await demo()
  git(made, 'push', '--quiet', 'origin', 'main')
  await sleep(300)
  await made.stop()
  await sleep(400)
  expect(existsSync(made.dir)).toBe(false)
  await expect(fetch(made.url)).rejects.toThrow()
})

test('the git settings of the person do not reach it', async () => {
  const home = await mkdtemp(join(tmpdir(), 'demo-home-'))
  await writeFile(
    join(home, '.gitconfig'),
    '[user]\n\tname = Somebody\n[core]\n\thooksPath = /nowhere\n[commit]\n\tgpgSign = true\n',
  )
  const before = { ...process.env }
  Object.assign(process.env, { HOME: home, GIT_DIR: join(home, 'theirs'), GIT_AUTHOR_NAME: 'Somebody' })
  try {
    const made = await demo()
    expect(git(made, 'log', '--format=%an')).not.toContain('Somebody')
    expect(existsSync(join(home, 'theirs'))).toBe(false)
    await commitBadRelease(made, at)
    expect(git(made, 'log', '-1', '--format=%an by %cn')).toBe('ben by ana')
  } finally {
    for (const name of ['GIT_DIR', 'GIT_AUTHOR_NAME']) delete process.env[name]
    Object.assign(process.env, { HOME: before['HOME'] })
    await rm(home, { recursive: true })
  }
})

test('a folder of its own must be empty, and is removed in the end', async () => {
  const home = await mkdtemp(join(tmpdir(), 'demo-own-'))
  await appendFile(join(home, 'mine.txt'), 'kept')
  await expect(makeDemo({ dir: home })).rejects.toThrow('not empty')
  expect(await readdir(home)).toEqual(['mine.txt'])
  const made = await demo({ dir: join(home, 'demo'), now: at })
  await made.stop()
  expect(await readdir(home)).toEqual(['mine.txt'])
  await rm(home, { recursive: true })
})

test('only pages, styles and scripts inside the site are served', async () => {
  const made = await demo()
  await mkdir(join(made.dir, 'site', 'current', 'sub'))
  const paths = [
    '/package.json',
    '/config/session.json',
    '/%2e%2e/%2e%2e/mosaic/index.html',
    '/preview/.git/config',
    '/sub/',
    '/%ff',
    '/..%00.html',
  ]
  for (const path of paths) expect((await fetch(made.url + path)).status, path).toBe(404)
  expect((await fetch(made.url, { method: 'POST' })).status).toBe(405)
  const page = await fetch(`${made.url}/?now=${Date.now()}`)
  expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-store'])
  expect((await fetch(`${made.url}/preview/chat.html`)).status).toBe(200)
})
