import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { LockHolder } from '../../src/core/facts.ts'
import type { Project } from '../../src/core/project.ts'
import { observe } from '../../src/facts/observe.ts'
import { appendAudit } from '../../src/records/audit-log.ts'
import { openReleases } from '../../src/records/release-record.ts'
import { acquireSharedLock, releaseSharedLock } from '../../src/world/git-lock.ts'
import { ownMark } from '../../src/world/identity.ts'
import { projectAt } from '../helpers/project.ts'
import { repository } from '../helpers/repository.ts'
import type { Repository } from '../helpers/repository.ts'

let server: Server
let page = ''
let url = ''

beforeEach(async () => {
  vi.stubEnv('KNOWNGOOD_OPERATOR', 'ana')
  server = createServer((_, answer) => answer.end(page))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})

afterEach(() => {
  vi.unstubAllEnvs()
  server.closeAllConnections()
  server.close()
})

function projectOf(repo: Repository, change: Partial<Project> = {}): Project {
  return projectAt(repo.root, {
    verify: {
      timeoutMs: 1000,
      reads: 3,
      checks: [{ kind: 'url', url, contains: '<!-- BUILD_ID:{id} -->', status: 200, timeoutMs: 1000 }],
    },
    ...change,
  })
}

function release(repo: Repository, name: string, commit = repo.sh('rev-parse', 'HEAD')): string {
  repo.sh('tag', '-a', name, '-m', `Release ${name}`, commit)
  repo.sh('push', '--quiet', '--force', 'origin', name, `${commit}:refs/heads/prod-current`, 'main')
  page = `<html><!-- BUILD_ID:${commit} --></html>`
  return commit
}

const at = '2026-11-21T12:00:00.000Z'
const holder = (): LockHolder => ({
  op: 'deploy',
  run: 'deploy-x',
  operator: 'ben',
  host: 'anvil',
  ...ownMark(),
  reason: 'Deploy',
  at,
  heartbeat: at,
  oid: null,
})

/** Writes down that a release was certified. */
async function certified(root: string, tag: string, commit: string, recordedAt: string) {
  const rows = await openReleases(root, 'sqlite:.knowngood/releases.db')
  rows.insert({
    version: null,
    deploymentType: 'release',
    backupPath: 'b',
    schemaRevision: null,
    recordedAt,
    tag,
    commitSha: commit,
    buildId: commit,
    operator: 'ana',
    outcome: 'certified',
    run: 'r',
  })
  rows.close()
}

describe('git', () => {
  test('tells what is live, what is next and how they stand to each other', async () => {
    const repo = repository()
    const first = release(repo, 'prod-2026-11-20')
    repo.commit('Second')
    const third = repo.commit('Third', {
      'prisma/migrations/2_price/migration.sql': 'ALTER TABLE item ADD price',
      'drizzle/meta/_journal.json': '{}',
    })
    repo.write('loose.txt', 'x')
    const { git, live } = await observe(projectOf(repo))
    expect(git).toMatchObject({
      ok: true,
      value: {
        branch: 'main',
        checkedOut: 'main',
        remote: { name: 'origin', url: repo.remote },
        next: { oid: third, subject: 'Third', author: 'Ana' },
        remoteBranch: first,
        current: first,
        ahead: 2,
        migrations: 1,
        fastForward: true,
        dirty: ['loose.txt'],
        shallow: false,
        tags: [
          { name: 'prod-2026-11-20', commit: first, tagger: 'Ana', subject: 'Release prod-2026-11-20', release: true },
        ],
      },
    })
    expect(live).toMatchObject({ ok: true, value: { buildId: first, matches: first, url } })
  })

  test('says when the branch has left the remote behind, and when live is no ancestor', async () => {
    const repo = repository()
    release(repo, 'prod-1', repo.commit('Second'))
    repo.sh('reset', '--quiet', '--hard', 'HEAD~1')
    repo.commit('Other')
    const { git } = await observe(projectOf(repo), { live: false })
    expect(git).toMatchObject({ ok: true, value: { ahead: null, fastForward: false } })
  })

  test('works without commits, without a remote and in a worktree', async () => {
    const repo = repository()
    repo.sh('remote', 'remove', 'origin')
    repo.sh('checkout', '--quiet', '--orphan', 'empty')
    const project = projectOf(repo)
    const facts = await observe({ ...project, git: { ...project.git, branch: 'empty' } }, { live: false, remote: true })
    expect(facts.git).toMatchObject({ ok: true, value: { next: null, remote: null, remoteBranch: null, ahead: null } })
    expect(facts.gate).toMatchObject({ ok: false, because: 'empty has no commits' })
    expect(facts.lock.shared).toMatchObject({ ok: true, value: null })

    repo.sh('worktree', 'add', '--quiet', join(repo.root, '../side'), 'main')
    const side = await observe(projectAt(join(repo.root, '../side')), { live: false })
    expect(side.git).toMatchObject({ ok: true, value: { next: { subject: 'First page' }, shallow: false } })
  })

  test('outside a repository is unknown, and so is what hangs on it', async () => {
    const repo = repository()
    rmSync(join(repo.root, '.git'), { recursive: true })
    const facts = await observe(projectOf(repo), { live: false })
    expect(facts.git).toMatchObject({ ok: false, because: expect.stringContaining('not a git repository') })
    expect(facts.disk.ok).toBe(true)
    expect(facts.deployHolds.map(({ id }) => id)).toContain('git')
  })

  test('shows hostile names and subjects as data', async () => {
    const repo = repository()
    const head = repo.sh('rev-parse', 'HEAD')
    repo.sh('update-ref', 'refs/tags/--output=pwn', head)
    const { git } = await observe(projectOf(repo), { live: false })
    expect(git.ok && git.value.tags.map(({ name }) => name)).toEqual(['--output=pwn'])
  })
})

describe('the remote', () => {
  test('is asked only when that is wanted, and what moved is fetched', async () => {
    const repo = repository()
    release(repo, 'prod-1')
    const ben = repo.clone()
    const theirs = ben.commit('Theirs')
    ben.sh('push', '--quiet', 'origin', 'main')
    const before = await observe(projectOf(repo), { live: false })
    expect(before.git.ok && before.git.value.remoteBranch).not.toBe(theirs)
    const after = await observe(projectOf(repo), { live: false, remote: true })
    expect(after.git).toMatchObject({ ok: true, value: { remoteBranch: theirs, fastForward: false } })
  })

  test('tells who holds the lock; without asking it is as it was last told', async () => {
    const repo = repository()
    const ben = repo.clone()
    await acquireSharedLock(ben.git, 'origin', holder(), 'n')
    expect((await observe(projectOf(repo), { live: false })).lock.shared).toMatchObject({ ok: true, value: null })
    expect((await observe(projectOf(repo), { live: false, remote: true })).lock.shared).toMatchObject({
      ok: true,
      value: { operator: 'ben', run: 'deploy-x' },
    })
    await releaseSharedLock(ben.git, 'origin', 'n')
    expect((await observe(projectOf(repo), { live: false })).lock.shared).toMatchObject({
      ok: true,
      value: { operator: 'ben' },
    })
    expect((await observe(projectOf(repo), { live: false, remote: true })).lock.shared).toMatchObject({
      ok: true,
      value: null,
    })
    expect((await observe(projectOf(repo), { live: false })).lock.shared).toMatchObject({ ok: true, value: null })
  })

  test('that has another tag by a name of ours is reported, and our tag is kept', async () => {
    const repo = repository()
    const commit = release(repo, 'prod-2026-11-20')
    const ben = repo.clone()
    ben.sh('tag', '-f', 'prod-2026-11-20', ben.commit('Rewritten'))
    ben.sh('tag', 'prod-2026-11-21')
    ben.sh('push', '--quiet', '--force', 'origin', 'prod-2026-11-20', 'prod-2026-11-21')
    const { git, drift } = await observe(projectOf(repo), { remote: true })
    expect(drift).toContain('The tag prod-2026-11-20 is another one on origin than here.')
    expect(git.ok && git.value.tags.find(({ name }) => name === 'prod-2026-11-20')?.commit).toBe(commit)
    expect(git.ok && git.value.tags.map(({ name }) => name)).toContain('prod-2026-11-21')
  })

  test('that does not answer leaves the lock unknown and the rest as last fetched', async () => {
    const repo = repository()
    const first = release(repo, 'prod-1')
    rmSync(repo.remote, { recursive: true })
    const facts = await observe(projectOf(repo), { live: false, remote: true })
    expect(facts.lock.shared).toMatchObject({ ok: false })
    expect(facts.git).toMatchObject({ ok: true, value: { remoteBranch: first } })
  })
})

describe('production', () => {
  test.each([
    ['no page', () => void server.close(), /refused/],
    ['a page without it', () => void (page = '<html></html>'), /carries no BUILD_ID/],
  ])('with %s is unknown and says why', async (_, change, why) => {
    const repo = repository()
    change()
    const { live } = await observe(projectOf(repo))
    expect(live).toMatchObject({ ok: false, because: expect.stringMatching(why) })
  })

  test('serving something nobody here knows matches nothing', async () => {
    const repo = repository()
    page = '<!-- BUILD_ID:dev-7 -->'
    expect((await observe(projectOf(repo))).live).toMatchObject({
      ok: true,
      value: { buildId: 'dev-7', matches: null },
    })
  })

  test('is matched by a BUILD_ID of another shape, also off every tag', async () => {
    const repo = repository()
    const old = repo.sh('rev-parse', 'HEAD')
    repo.commit('Second')
    page = `<!-- BUILD_ID:web-${old.slice(0, 7)}.1 -->`
    const build = { id: 'web-{short}.1', run: [], stamp: [], artefact: [] }
    expect((await observe(projectOf(repo, { build }))).live).toMatchObject({ ok: true, value: { matches: old } })
  })
})

describe('drift', () => {
  test('is silent when everything is as recorded', async () => {
    const repo = repository()
    const commit = release(repo, 'prod-2026-11-20')
    await appendAudit(repo.root, {
      actor: 'ana',
      host: 'anvil',
      run: 'r',
      event: 'deploy',
      outcome: 'certified',
      subject: 'prod-2026-11-20',
      detail: { tag: 'prod-2026-11-20', commit },
    })
    expect((await observe(projectOf(repo))).drift).toEqual([])
  })

  test('is silent about a newer release that another clone has certified', async () => {
    const repo = repository()
    const first = release(repo, 'prod-2026-11-19')
    await certified(repo.root, 'prod-2026-11-19', first, '2020-01-01T00:00:00.000Z')
    release(repo, 'prod-2026-11-20', repo.commit('Second'))
    expect((await observe(projectOf(repo))).drift).toEqual([])
  })

  test('names tags that moved or went, and a production that is not the newest release', async () => {
    const repo = repository()
    const first = release(repo, 'prod-2026-11-19')
    const second = repo.commit('Second')
    release(repo, 'prod-2026-11-20', second)
    const say = (tag: string, commit: string) =>
      appendAudit(repo.root, {
        actor: 'ana',
        host: 'anvil',
        run: 'r',
        event: 'deploy',
        outcome: 'certified',
        subject: tag,
        detail: { tag, commit },
      })
    await say('prod-2026-11-19', second)
    await say('prod-2026-11-18', first)
    await certified(repo.root, 'prod-2026-11-20', second, at)
    page = `<!-- BUILD_ID:${first} -->`
    repo.sh('push', '--quiet', '--force', 'origin', `${first}:refs/heads/prod-current`)
    expect((await observe(projectOf(repo))).drift).toEqual([
      `The tag prod-2026-11-19 was recorded on ${second.slice(0, 7)} and is on ${first.slice(0, 7)} now.`,
      `The tag prod-2026-11-18, recorded on ${first.slice(0, 7)}, is missing.`,
      `Production serves BUILD_ID ${first}, not that of prod-2026-11-20 (${second}).`,
      `prod-current is on ${first.slice(0, 7)}, not on prod-2026-11-20 (${second.slice(0, 7)}).`,
    ])
  })
})

describe('the rest', () => {
  test('a backup whose commit is gone is missing', async () => {
    const repo = repository()
    mkdirSync(join(repo.root, 'backups/quick'), { recursive: true })
    const record = (id: string, commitHash: string) => {
      const text = JSON.stringify({ id, type: 'quick', timestamp: at, commitHash, commitMessage: 'x', branch: 'main' })
      writeFileSync(join(repo.root, `backups/quick/quick-backup-${id.slice(6)}.json`), text)
    }
    record('quick-1700000000000', repo.sh('rev-parse', 'HEAD'))
    record('quick-1700000000001', 'f'.repeat(40))
    const { backups } = await observe(projectOf(repo), { live: false })
    const states = backups.ok ? Object.fromEntries(backups.value.map(({ id, state }) => [id, state])) : {}
    expect(states).toEqual({ 'quick-1700000000000': 'ok', 'quick-1700000000001': 'missing' })
  })

  test('a lock is held while its process lives', async () => {
    const repo = repository()
    mkdirSync(join(repo.root, '.knowngood'))
    const write = (said: unknown) => writeFileSync(join(repo.root, '.knowngood/lock'), JSON.stringify(said))
    write(holder())
    expect((await observe(projectOf(repo), { live: false })).lock.local).toMatchObject({
      ok: true,
      value: { operator: 'ben' },
    })
    write({ ...holder(), pid: 2 ** 22 + 1 })
    expect((await observe(projectOf(repo), { live: false })).lock.local).toMatchObject({ ok: true, value: null })
    writeFileSync(join(repo.root, '.knowngood/lock'), '{"op"')
    expect((await observe(projectOf(repo), { live: false })).lock.local).toMatchObject({ ok: true, value: null })
  })

  test('a source that is not there says so and keeps nobody waiting', async () => {
    const repo = repository()
    const sources = { db: { use: 'sqlite', path: 'nope.db' }, odd: { use: 'oracle' } }
    const facts = await observe(projectOf(repo, { sources }), { live: false })
    expect(facts.sources).toMatchObject([
      { name: 'db', use: 'sqlite', schema: { ok: false, because: 'there is no file nope.db' } },
      { name: 'odd', use: 'oracle', schema: { ok: false, because: 'there is no source oracle' } },
    ])
  })

  test('parts are told as they come, and only those asked for are looked up', async () => {
    const repo = repository()
    const told: string[] = []
    const facts = await observe(projectOf(repo), { only: ['git', 'disk'], onPart: (part) => told.push(part) })
    expect(told.toSorted()).toEqual(['disk', 'git', 'shared lock'])
    expect(facts.logs).toMatchObject({ ok: false, because: 'it was not looked up' })
    expect(facts.operator).toBe('ana')
  })
})
