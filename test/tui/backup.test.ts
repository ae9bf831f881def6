import { expect, test } from 'vitest'
import { known } from '../../src/core/known.ts'
import { fakeKinds, FULL, someBackups } from '../helpers/fake-backups.ts'
import { keeping } from '../helpers/fake-deck.ts'
import { NOW } from '../helpers/fake-facts.ts'
import { asked, at } from '../helpers/on-screen.ts'

test.concurrent('each kind says what it saves, how long it takes and how large it is', async (context) => {
  const screen = await at(context, keeping(), 'backup')
  await screen.press('j')
  await screen.waitFor('▸ full')
  expect(screen.text()).toContain('Saves    the commit that is live, and every database as it is now')
  await screen.waitFor('Takes    about 1m 31s and 5.2 MB, as the last one')
  expect(screen.text()).toContain(`Last     ${FULL}  3 d ago  ✓ hashed`)
})

test.concurrent('how long a kind takes is said in plain words where none of it was timed', async (context) => {
  const deck = keeping()
  const kinds = fakeKinds().map((kind) => ({ ...kind, expect: { ms: null, bytes: null } }))
  deck.kinds = () => Promise.resolve(kinds)
  const screen = await at(context, deck, 'backup')
  await screen.waitFor('Takes    a few seconds: it copies nothing')
  await screen.press('jj')
  await screen.waitFor('Takes    not known: the last one, 2 d ago, does not say how long it took')
  await screen.press('end', 'k')
  await screen.waitFor('Takes    not known: none was made here yet')
})

test.concurrent('a kind that cannot be made is there, with the reason, and its key is off', async (context) => {
  const deck = keeping()
  const screen = await at(context, deck, 'backup')
  await screen.waitFor('data     off: no data backup is configured')
  await screen.press('jjjjj')
  await screen.waitFor('▸ data')
  await screen.press('b')
  await screen.waitFor('b is off: no data backup is configured.')
  expect(asked(deck, 'start')).toEqual([])
})

test.concurrent('the selected kind starts at once', async (context) => {
  const deck = keeping()
  const screen = await at(context, deck, 'backup')
  await screen.press('j')
  await screen.waitFor('▸ full')
  await screen.press('b')
  expect(asked(deck, 'plan')).toEqual([['plan', { op: 'backup', kind: 'full' }]])
  expect(asked(deck, 'start')).toHaveLength(1)
  await screen.waitFor('Backup started. s stops it.')
})

test.concurrent('a set asks for a name, and has one ready that is not taken', async (context) => {
  const taken = someBackups.map((each) => ({ ...each, id: each.kind === 'set' ? 'before-9f2c1e0' : each.id }))
  const deck = keeping(taken)
  const screen = await at(context, deck, 'backup')
  await screen.press('end')
  await screen.waitFor('▸ set')
  await screen.press('b')
  await screen.waitFor('> before-9f2c1e0-2_')
  await screen.guarded()
  await screen.press('enter')
  await screen.type('before the index')
  await screen.press('enter')
  expect(asked(deck, 'plan')).toEqual([
    ['plan', { op: 'backup', kind: 'set', name: 'before-9f2c1e0-2', notes: 'before the index' }],
  ])
})

test.concurrent('notes come with any kind that is asked with n', async (context) => {
  const deck = keeping()
  const screen = await at(context, deck, 'backup')
  await screen.press('n')
  await screen.guarded()
  await screen.type('end of the day')
  await screen.press('enter')
  expect(asked(deck, 'plan')).toEqual([['plan', { op: 'backup', kind: 'quick', notes: 'end of the day' }]])
})

test.concurrent('Redis comes along only where there is one, and only when asked', async (context) => {
  const deck = keeping()
  const without = await at(context, deck, 'backup')
  await without.press('end')
  expect(without.text()).not.toContain('include Redis')
  await without.press('i')
  await without.waitFor('i is off: no Redis is configured.')

  deck.setFacts({ sources: [{ name: 'cache', use: 'redis', schema: known(null, NOW), detail: {} }] })
  await without.waitFor('left out; i includes it')
  await without.press('i')
  await without.waitFor('included; i leaves it out')
  await without.press('b')
  await without.guarded()
  await without.press('enter')
  await without.press('enter')
  expect(asked(deck, 'plan')).toEqual([
    ['plan', { op: 'backup', kind: 'set', name: 'before-9f2c1e0', includeRedis: true }],
  ])
})

test.concurrent('a held backup says why and starts nothing', async (context) => {
  const deck = keeping()
  const plan = deck.plan
  deck.plan = async (request) => ({
    ...(await plan(request)),
    holds: [{ id: 'room', why: 'there are 12 MB free', fix: 'Make room.' }],
  })
  const screen = await at(context, deck, 'backup')
  await screen.press('b')
  await screen.waitFor('Held: there are 12 MB free. Make room.')
  expect(asked(deck, 'start')).toEqual([])
})

test.concurrent('a kind that is to be fresh and is not there is said first', async (context) => {
  const deck = keeping(someBackups.filter((each) => each.kind !== 'full'))
  const screen = await at(context, deck)
  await screen.waitFor(/Backups +full +none yet +! due/)
})
