import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { LockHolder } from '../../src/core/facts.ts'
import { gitPushCalls } from '../../src/targets/git-push-calls.ts'
import { gitPush } from '../../src/targets/git-push.ts'
import { acquireSharedLock, readSharedLock, takeOverSharedLock } from '../../src/world/git-lock.ts'
import { readRemoteRef } from '../../src/world/git-remote.ts'
import { testIo } from '../helpers/io.ts'
import { repository } from '../helpers/repository.ts'

const place = { remote: 'origin', branch: 'main' }
const {
  'git-push.push': push,
  'git-push.probe': probe,
  'git-push.back': back,
  'git-push.capture': capture,
} = gitPushCalls

const at = '2026-11-21T12:00:00.000Z'
const holder = (operator: string): LockHolder => ({
  op: 'deploy',
  run: operator,
  operator,
  host: 'anvil',
  pid: 7,
  started: 's',
  boot: 'b',
  reason: '',
  at,
  heartbeat: at,
  oid: null,
})

function released() {
  const repo = repository()
  const from = repo.sh('rev-parse', 'HEAD')
  const commit = repo.commit('Second')
  return {
    ...repo,
    io: testIo(repo.root),
    from,
    next: commit,
    tip: () => readRemoteRef(repo.git, 'origin', 'refs/heads/main'),
  }
}

describe('the push', () => {
  test('brings the commit live, is probed, and is taken back to where the branch was', async () => {
    const { io, from, next, tip } = released()
    expect(await capture(place, io)).toEqual({ oid: from })
    expect(await probe({ ...place, commit: next, from }, io)).toMatchObject({ state: 'absent' })
    const input = { ...place, commit: next, from, rewinds: false, lock: null }
    expect(await push(input, io)).toEqual({ pushed: true, oid: next })
    expect(await probe({ ...place, commit: next, from }, io)).toMatchObject({
      state: 'done',
      gives: { pushed: true, oid: next },
    })
    expect(await push(input, io)).toEqual({ pushed: false, oid: next })
    expect(await back({ ...place, ours: next, to: from, lock: null }, io)).toEqual({ oid: from })
    expect(await back({ ...place, ours: next, to: from, lock: null }, io)).toEqual({ oid: from })
    expect(await tip()).toBe(from)
  })

  test('makes a branch that is not there yet, and removes it again', async () => {
    const { io, git, next } = released()
    const fresh = { remote: 'origin', branch: '--output=pwn' }
    expect(await push({ ...fresh, commit: next, from: null, rewinds: false, lock: null }, io)).toMatchObject({
      pushed: true,
    })
    expect(await readRemoteRef(git, 'origin', 'refs/heads/--output=pwn')).toBe(next)
    expect(await back({ ...fresh, ours: next, to: null, lock: null }, io)).toEqual({ oid: null })
    expect(await readRemoteRef(git, 'origin', 'refs/heads/--output=pwn')).toBeNull()
  })

  test('fault 63: is held when somebody has pushed since the review, and never overwrites it', async () => {
    const { io, clone, from, next, tip } = released()
    const ben = clone()
    const rival = ben.commit('Rival')
    ben.sh('push', '--quiet', 'origin', 'main')
    await expect(push({ ...place, commit: next, from, rewinds: true, lock: null }, io)).rejects.toMatchObject({
      exit: 3,
      what: 'origin/main has moved',
    })
    expect(await probe({ ...place, commit: next, from }, io)).toMatchObject({ state: 'foreign', saw: { oid: rival } })
    await expect(push({ ...place, commit: next, from: rival, rewinds: false, lock: null }, io)).rejects.toMatchObject({
      exit: 3,
      what: expect.stringContaining('fast-forward'),
    })
    await expect(back({ ...place, ours: next, to: from, lock: null }, io)).rejects.toMatchObject({ exit: 3 })
    expect(await tip()).toBe(rival)
  })

  test('rewinds only where that was reviewed', async () => {
    const { io, from, next, tip, sh } = released()
    sh('push', '--quiet', 'origin', 'main')
    await expect(push({ ...place, commit: from, from: next, rewinds: false, lock: null }, io)).rejects.toMatchObject({
      exit: 3,
    })
    expect(await push({ ...place, commit: from, from: next, rewinds: true, lock: null }, io)).toMatchObject({
      pushed: true,
    })
    expect(await tip()).toBe(from)
  })

  test('carries the lock: it goes on with a heartbeat, and publishes nothing once the lock was taken over', async () => {
    const { io, git, clone, from, next, tip } = released()
    const mine = await acquireSharedLock(git, 'origin', holder('ana'), 'n-ana')
    const input = { ...place, commit: next, from, rewinds: false, lock: 'n-ana' }
    await push(input, io)
    const beat = await readSharedLock(git, 'origin')
    expect(beat?.nonce).toBe('n-ana')
    expect(beat?.oid).not.toBe(mine.won ? mine.oid : '')

    const ben = clone()
    await takeOverSharedLock(ben.git, 'origin', beat?.oid ?? '', holder('ben'), 'n-ben')
    await expect(back({ ...place, ours: next, to: from, lock: 'n-ana' }, io)).rejects.toMatchObject({ exit: 6 })
    expect(await tip()).toBe(next)
  })

  test('fault 63: that the remote refuses says so in its words and publishes nothing', async () => {
    const { io, git, remote, from, next, tip } = released()
    await acquireSharedLock(git, 'origin', holder('ana'), 'n')
    const hook = join(remote, 'hooks/update')
    mkdirSync(dirname(hook), { recursive: true })
    writeFileSync(hook, '#!/bin/sh\n[ "$1" = refs/heads/main ] && echo "frozen until Monday" >&2 && exit 1\nexit 0\n')
    chmodSync(hook, 0o755)
    const before = await readSharedLock(git, 'origin')
    const refused = push({ ...place, commit: next, from, rewinds: false, lock: 'n' }, io)
    await expect(refused).rejects.toMatchObject({
      refs: [{ ref: 'refs/heads/main', why: 'hook declined' }],
      output: expect.arrayContaining([expect.stringContaining('frozen until Monday')]),
    })
    expect(await tip()).toBe(from)
    expect((await readSharedLock(git, 'origin'))?.oid).toBe(before?.oid)
  })
})

describe('the step', () => {
  test('says by hand what it does', () => {
    const from = 'b'.repeat(40)
    const commit = 'a'.repeat(40)
    const step = gitPush.deploy(
      {},
      { id: 'target.git-push', dir: '/tmp/x', commit, buildId: commit, from, rewinds: false, lock: 'n', ...place },
    )
    expect(step.actions).toMatchObject([
      {
        name: 'git-push.push',
        byHand: [
          [
            'git',
            'push',
            '--atomic',
            `--force-with-lease=refs/heads/main:${from}`,
            '--',
            'origin',
            `${commit}:refs/heads/main`,
          ],
        ],
      },
    ])
    expect(step.undo).toMatchObject([{ name: 'git-push.back', input: { to: { $: 'was.oid' } } }])
    expect(step.detail).toBe('main to origin')
  })

  test('is watched: where the remote stands, or why that is unknown', async () => {
    const { root, sh } = repository()
    const seen = await gitPush.observe({}, { root, git: place })
    expect(seen).toMatchObject({ ok: true, value: { live: sh('rev-parse', 'HEAD'), settled: true } })
    expect(await gitPush.observe({}, { root, git: { ...place, remote: 'nowhere' } })).toMatchObject({ ok: false })
    expect(await gitPush.doctor({}, { root, git: place })).toMatchObject([{ ok: true }])
  })
})
