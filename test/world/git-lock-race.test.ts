import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { run as lockRelease } from '../../src/commands/lock-release.ts'
import { readSharedLock } from '../../src/world/git-lock.ts'
import { headless } from '../helpers/context.ts'
import { type Racer, racer } from '../helpers/lock-racers.ts'
import { projectAt } from '../helpers/project.ts'
import { repository } from '../helpers/repository.ts'

const ROUNDS = 2

/** All of them ask at the same moment: who got it, and what the others were told. */
async function race(racers: readonly Racer[], round: number) {
  const told = await Promise.all(
    racers.map(async (one) => ({ one, ...(await one.tell({ do: 'acquire', nonce: `${round}-${one.operator}` })) })),
  )
  return { winners: told.filter(({ exit }) => exit === 0), losers: told.filter(({ exit }) => exit !== 0) }
}

/** Takes the lock away by hand, in one's own clone. */
async function takeAway({ root, operator }: Racer, options: Record<string, string>) {
  const context = headless(root, { operator, project: async () => projectAt(root) })
  return lockRelease(context, [], options)
}

test('of eight operators who ask at once one gets the lock, round after round, and the others are told who', async () => {
  const repo = repository()
  const racers = await Promise.all(Array.from({ length: 8 }, (_, index) => racer(repo, `op${index}`)))
  for (let round = 1; round <= ROUNDS; round++) {
    const { winners, losers } = await race(racers, round)
    expect(winners.map(({ one }) => one.operator)).toHaveLength(1)
    const [{ one: winner } = { one: undefined }] = winners
    const name = winner?.operator ?? ''
    for (const { exit, why } of losers)
      expect({ exit, why }).toEqual({
        exit: 6,
        why: expect.stringContaining(`${name}@${name}-laptop: Deploy by ${name}`),
      })
    expect(await readSharedLock(repo.git, 'origin')).toMatchObject({ nonce: `${round}-${name}` })
    // Giving back what is another's does nothing.
    await losers[0]?.one.tell({ do: 'release', nonce: `${round}-${losers[0].one.operator}` })
    expect(await readSharedLock(repo.git, 'origin')).toMatchObject({ nonce: `${round}-${name}` })
    expect(await winner?.tell({ do: 'release', nonce: `${round}-${name}` })).toEqual({ exit: 0, why: '' })
    expect(await readSharedLock(repo.git, 'origin')).toBeNull()
  }
})

test('a lock whose holder was killed is found, taken away by hand with a reason, and free for the next', async () => {
  const repo = repository()
  const [ana, ben, eve] = [await racer(repo, 'ana'), await racer(repo, 'ben'), await racer(repo, 'eve')]
  expect(await ana.tell({ do: 'acquire', nonce: 'n-ana' })).toMatchObject({ exit: 0 })
  ana.child.kill('SIGKILL')
  await once(ana.child, 'exit')
  expect(await ben.tell({ do: 'acquire', nonce: 'n-ben' })).toMatchObject({
    exit: 6,
    why: expect.stringContaining('ana@ana-laptop: Deploy by ana, since '),
  })

  await expect(takeAway(ben, { confirm: 'mosaic-production' })).rejects.toMatchObject({
    why: expect.stringContaining('ana@ana-laptop, run deploy-ana-n-ana'),
  })
  await expect(takeAway(ben, { confirm: 'something', reason: 'x' })).rejects.toThrow('the name is mosaic-production')
  expect(await readSharedLock(repo.git, 'origin')).toMatchObject({ nonce: 'n-ana' })
  const taken = await takeAway(ben, { confirm: 'mosaic-production', reason: 'her laptop was stolen' })
  expect(taken.lines).toEqual([expect.stringContaining('The lock of ana@ana-laptop, run deploy-ana-n-ana')])
  const recorded = readFileSync(join(ben.root, '.verification_audit.log'), 'utf8')
  expect(recorded).toContain('her laptop was stolen')
  expect(recorded).toContain('taken over')
  expect(recorded).toContain('ana@ana-laptop')

  const { winners, losers } = await race([ben, eve], 1)
  expect([winners.length, losers.length]).toEqual([1, 1])
})

test('a holder whose lock was taken over stops before its next step', async () => {
  const repo = repository()
  const [ana, ben] = [await racer(repo, 'ana'), await racer(repo, 'ben')]
  expect(await ana.tell({ do: 'deploy', nonce: 'n-ana' })).toEqual({ pausing: true })
  await takeAway(ben, { confirm: 'mosaic-production', reason: 'she is asleep' })
  expect(await ben.tell({ do: 'acquire', nonce: 'n-ben' })).toMatchObject({ exit: 0 })

  expect(await ana.tell('go on')).toMatchObject({
    exit: 6,
    failedStep: 'Make 3',
    why: expect.stringContaining('ben@ben-laptop holds it: Deploy by ben'),
  })
  expect(existsSync(join(ana.root, 'made/3'))).toBe(false)
  expect(await readSharedLock(repo.git, 'origin')).toMatchObject({ nonce: 'n-ben' })
})
