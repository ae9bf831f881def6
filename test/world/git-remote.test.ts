import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { PushRefused, pushAtomic } from '../../src/world/git-push.ts'
import { fetchRemote, readRemoteRef, readRemoteRefs, remoteUrl } from '../../src/world/git-remote.ts'
import { repository } from '../helpers/repository.ts'

const hostile = '--output=pwn'

describe('the remote', () => {
  test('is asked for exact refs', async () => {
    const { git, sh, remote } = repository()
    sh('push', '--quiet', 'origin', 'HEAD:refs/heads/other/refs/heads/main')
    const head = sh('rev-parse', 'HEAD')
    expect(await readRemoteRef(git, 'origin', 'refs/heads/main')).toBe(head)
    expect(await readRemoteRef(git, 'origin', 'refs/heads/gone')).toBeNull()
    expect([...(await readRemoteRefs(git, 'origin', ['refs/heads/main', 'refs/tags/x'])).keys()]).toEqual([
      'refs/heads/main',
    ])
    expect(await remoteUrl(git, 'origin')).toBe(remote)
    expect(await remoteUrl(git, 'nowhere')).toBeNull()
  })

  test('is fetched without pruning, and names tags that moved', async () => {
    const ana = repository()
    const ben = ana.clone()
    ana.sh('tag', '-a', 'prod-1', '-m', 'one')
    ana.sh('push', '--quiet', 'origin', 'prod-1')
    ben.sh('fetch', '--quiet', '--tags')
    ben.sh('tag', 'mine')
    ben.sh('config', 'fetch.prune', 'true')
    ben.sh('config', 'fetch.pruneTags', 'true')
    const next = ana.commit('Second')
    ana.sh('tag', '-f', '-a', 'prod-1', '-m', 'moved')
    ana.sh('push', '--quiet', '--force', 'origin', 'main', 'prod-1')
    const before = ben.sh('rev-parse', 'prod-1')
    const fetched = statSync(join(ben.root, '.git/FETCH_HEAD')).mtimeMs
    expect(await fetchRemote(ben.git, 'origin')).toEqual({ movedTags: ['prod-1'] })
    expect(ben.sh('rev-parse', 'origin/main')).toBe(next)
    expect(ben.sh('rev-parse', 'prod-1')).toBe(before)
    expect(ben.sh('tag', '-l', 'mine')).toBe('mine')
    expect(statSync(join(ben.root, '.git/FETCH_HEAD')).mtimeMs).toBe(fetched)
  })

  test('fault 63: takes all of a push or nothing of it', async () => {
    const ana = repository()
    const ben = ana.clone()
    const base = ana.sh('rev-parse', 'HEAD')
    const rival = ben.commit('Rival')
    ben.sh('push', '--quiet', 'origin', 'main')
    const mine = ana.commit('Mine')
    const push = pushAtomic(ana.git, 'origin', [
      { src: mine, dst: 'refs/tags/prod-1', expect: null },
      { src: mine, dst: 'refs/heads/main', expect: base },
    ])
    await expect(push).rejects.toBeInstanceOf(PushRefused)
    await expect(push).rejects.toMatchObject({ refs: [{ ref: 'refs/heads/main', why: 'stale info' }] })
    expect(await readRemoteRef(ana.git, 'origin', 'refs/tags/prod-1')).toBeNull()
    expect(await readRemoteRef(ana.git, 'origin', 'refs/heads/main')).toBe(rival)

    await pushAtomic(ana.git, 'origin', [
      { src: mine, dst: 'refs/heads/main', expect: rival },
      { src: mine, dst: `refs/heads/${hostile}`, expect: null },
    ])
    await pushAtomic(ana.git, 'origin', [{ src: null, dst: `refs/heads/${hostile}`, expect: mine }])
    expect(await readRemoteRef(ana.git, 'origin', 'refs/heads/main')).toBe(mine)
  })

  test("runs the remote's hooks and the team's own for its branch, none for refs of ours", async () => {
    const { git, root, remote, commit, sh } = repository()
    for (const [file, text] of [
      [join(remote, 'hooks/post-receive'), '#!/bin/sh\ncat > received\n'],
      [join(root, '.git/hooks/pre-push'), '#!/bin/sh\necho not today >&2; exit 1\n'],
    ] as const) {
      mkdirSync(join(file, '..'), { recursive: true })
      writeFileSync(file, text)
      chmodSync(file, 0o755)
    }
    const base = sh('rev-parse', 'HEAD')
    const next = commit('Next')
    const update = { src: next, dst: 'refs/heads/main', expect: base }
    await expect(pushAtomic(git, 'origin', [update])).rejects.toMatchObject({
      output: expect.arrayContaining(['not today']),
    })
    await pushAtomic(git, 'origin', [{ src: next, dst: 'refs/knowngood/backups/b', expect: null }])
    await pushAtomic(git, 'origin', [update], { hooks: false })
    expect(existsSync(join(remote, 'received'))).toBe(true)
  })

  test('says in words why it refused', async () => {
    const { git, remote, commit, sh } = repository()
    const hook = join(remote, 'hooks/pre-receive')
    mkdirSync(join(hook, '..'), { recursive: true })
    writeFileSync(hook, '#!/bin/sh\necho frozen until Monday >&2\nexit 1\n')
    chmodSync(hook, 0o755)
    const base = sh('rev-parse', 'HEAD')
    const push = pushAtomic(git, 'origin', [{ src: commit('Next'), dst: 'refs/heads/main', expect: base }])
    await expect(push).rejects.toMatchObject({ refs: [{ ref: 'refs/heads/main', why: 'pre-receive hook declined' }] })
    await expect(push).rejects.toMatchObject({
      output: expect.arrayContaining([expect.stringContaining('frozen until Monday')]),
    })
  })
})
