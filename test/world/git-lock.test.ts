import { describe, expect, test } from 'vitest'
import type { LockHolder } from '../../src/core/facts.ts'
import {
  acquireSharedLock,
  lastSharedLock,
  readSharedLock,
  releaseSharedLock,
  renewSharedLock,
  takeOverSharedLock,
} from '../../src/world/git-lock.ts'
import { repository } from '../helpers/repository.ts'

const at = '2026-11-21T12:00:00.000Z'

function holder(operator: string): LockHolder {
  return {
    op: 'deploy',
    run: `deploy-${operator}`,
    operator,
    host: 'anvil',
    pid: 7,
    started: 's',
    boot: 'b',
    reason: 'Deploy 9f2c1e0',
    at,
    heartbeat: at,
    oid: null,
  }
}

describe('the shared lock', () => {
  test('is taken by one, named to the other, and free again once it is released', async () => {
    const ana = repository()
    const ben = ana.clone()
    const mine = await acquireSharedLock(ana.git, 'origin', holder('ana'), 'n-ana')
    expect(mine.won).toBe(true)

    const theirs = await acquireSharedLock(ben.git, 'origin', holder('ben'), 'n-ben')
    expect(theirs).toMatchObject({
      won: false,
      held: { nonce: 'n-ana', holder: { operator: 'ana', host: 'anvil', reason: 'Deploy 9f2c1e0' } },
    })
    expect(await lastSharedLock(ben.git)).toMatchObject({ nonce: 'n-ana' })

    expect(await releaseSharedLock(ben.git, 'origin', 'n-ben')).toBe('foreign')
    expect(await releaseSharedLock(ana.git, 'origin', 'n-ana')).toBe('released')
    expect(await releaseSharedLock(ana.git, 'origin', 'n-ana')).toBe('gone')
    expect(await readSharedLock(ben.git, 'origin')).toBeNull()
    expect(await lastSharedLock(ben.git)).toBeNull()
    expect(await acquireSharedLock(ben.git, 'origin', holder('ben'), 'n-ben')).toMatchObject({ won: true })
  })

  test('has exactly one winner when many ask at once, also with the same words in the same second', async () => {
    const repo = repository()
    const rivals = await Promise.all(
      Array.from({ length: 8 }, (_, i) => acquireSharedLock(repo.git, 'origin', holder('ana'), `n-${i}`)),
    )
    const winners = rivals.filter((attempt) => attempt.won)
    expect(winners).toHaveLength(1)
    const held = await readSharedLock(repo.git, 'origin')
    expect(rivals.every((attempt) => attempt.won || attempt.held.oid === held?.oid)).toBe(true)
  })

  test('asked for again by the run that holds it, is still its own', async () => {
    const { git } = repository()
    const first = await acquireSharedLock(git, 'origin', holder('ana'), 'n')
    const again = await acquireSharedLock(git, 'origin', { ...holder('ana'), pid: 8 }, 'n')
    expect(again).toEqual(first)
  })

  test('shows a heartbeat, and is lost to a takeover at once', async () => {
    const ana = repository()
    const ben = ana.clone()
    await acquireSharedLock(ana.git, 'origin', holder('ana'), 'n-ana')
    const later = '2026-11-21T12:01:00.000Z'
    const oid = await renewSharedLock(ana.git, 'origin', 'n-ana', later)
    const seen = await readSharedLock(ben.git, 'origin')
    expect(seen).toMatchObject({ oid, holder: { heartbeat: later, at } })

    expect(await takeOverSharedLock(ben.git, 'origin', seen?.oid ?? '', holder('ben'), 'n-ben')).toMatchObject({
      won: true,
    })
    await expect(renewSharedLock(ana.git, 'origin', 'n-ana', later)).rejects.toMatchObject({
      exit: 6,
      why: expect.stringContaining('ben@anvil'),
    })
    expect(await releaseSharedLock(ana.git, 'origin', 'n-ana')).toBe('foreign')
  })

  test('is not taken over when it has moved since it was looked at', async () => {
    const ana = repository()
    const ben = ana.clone()
    const first = await acquireSharedLock(ana.git, 'origin', holder('ana'), 'n-ana')
    await renewSharedLock(ana.git, 'origin', 'n-ana', '2026-11-21T12:01:00.000Z')
    const attempt = await takeOverSharedLock(ben.git, 'origin', first.won ? first.oid : '', holder('ben'), 'n-ben')
    expect(attempt).toMatchObject({ won: false, held: { nonce: 'n-ana' } })
  })

  test('made by hand is held all the same', async () => {
    const ana = repository()
    ana.sh('push', '--quiet', 'origin', 'HEAD:refs/knowngood/lock')
    expect(await acquireSharedLock(ana.git, 'origin', holder('ana'), 'n')).toMatchObject({
      won: false,
      held: { nonce: '', holder: { operator: 'somebody' } },
    })
  })

  test('asks no hook of the team', async () => {
    const { git, write, sh, root } = repository()
    write('.git/hooks/pre-push', '#!/bin/sh\nexit 1\n')
    write('.git/hooks/reference-transaction', '#!/bin/sh\nexit 1\n')
    sh('config', 'core.hooksPath', `${root}/.git/hooks`)
    ;(await import('node:fs')).chmodSync(`${root}/.git/hooks/pre-push`, 0o755)
    ;(await import('node:fs')).chmodSync(`${root}/.git/hooks/reference-transaction`, 0o755)
    expect(await acquireSharedLock(git, 'origin', holder('ana'), 'n')).toMatchObject({ won: true })
    expect(await lastSharedLock(git)).not.toBeNull()
  })
})
