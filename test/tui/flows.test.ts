import { expect, test } from 'vitest'
import { held } from '../../src/core/failure.ts'
import { going, interrupted, withRun } from '../helpers/decks-with-a-run.ts'
import { fakeDeck, RUN } from '../helpers/fake-deck.ts'
import { ended, runningDeploy } from '../helpers/fake-plans.ts'
import { asked, at, reviewRollback, write } from '../helpers/on-screen.ts'

test.concurrent('a backup starts at once, with a toast', async (context) => {
  const deck = fakeDeck()
  const screen = await at(context, deck)
  await screen.press('b')
  await screen.waitFor('Saves')
  await screen.press('b')
  expect(asked(deck, 'start')).toEqual([['start', 'backup', {}]])
  await screen.waitFor('Backup started. s stops it.')
})

test.concurrent('a held deploy shows the holds, each fix one key away', async (context) => {
  const deck = fakeDeck()
  const screen = await at(context, deck)
  await screen.press('d')
  await screen.waitFor('No backup this session')
  await screen.guarded()
  await screen.press('Y')
  await screen.waitFor('Y is off: it is held: no backup this session.')
  expect(asked(deck, 'start')).toEqual([])
  await screen.press('g')
  await screen.waitFor('Gate for 9f2c1e0')
  await screen.press('esc')
  await screen.waitFor('Held: 2 things')
  deck.setFacts({ deployHolds: [] })
  await screen.waitFor('Y go')
  expect(screen.text()).not.toContain('Held')
})

test.concurrent('a deploy needs Y, not enter, and not in the first 300 ms', async (context) => {
  const deck = fakeDeck()
  deck.setFacts({ deployHolds: [] })
  const screen = await at(context, deck)
  await screen.press('d')
  await screen.waitFor('Y go')
  await screen.press('Y', 'Y')
  expect(asked(deck, 'start')).toEqual([])
  await screen.guarded()
  await screen.press('enter')
  expect(asked(deck, 'start')).toEqual([])
  await screen.waitFor('enter never starts anything')
  await screen.press('y')
  expect(asked(deck, 'start')).toEqual([])
  await screen.press('Y')
  expect(asked(deck, 'start')).toEqual([['start', 'deploy', { review: 'yes' }]])
  await screen.waitFor('running')
})

test.concurrent('a rollback wants Y, then a reason and the exact name', async (context) => {
  const deck = fakeDeck()
  const screen = await at(context, deck, 'rollback')
  await reviewRollback(screen)
  await screen.press('enter')
  await screen.waitFor('Reason is needed.')
  await screen.type('sessions corrupt since 11-18')
  await screen.press('tab')
  await screen.type('mosaic-prod')
  await screen.press('enter')
  await screen.waitFor('That says mosaic-prod; the name is mosaic-production.')
  expect(asked(deck, 'start')).toEqual([])
  await screen.type('uction')
  await screen.press('enter')
  expect(asked(deck, 'start')).toEqual([
    ['start', 'rollback', { review: 'yes', confirm: 'mosaic-production', reason: 'sessions corrupt since 11-18' }],
  ])
})

test.concurrent('nothing pasted submits, with brackets or without', async (context) => {
  const deck = fakeDeck()
  const screen = await at(context, deck, 'rollback')
  await reviewRollback(screen)
  await screen.type('why')
  await screen.press('tab')
  await screen.paste('mosaic-production\n')
  await screen.waitFor('> mosaic-production_')
  await screen.press('\u0015')
  await screen.press('mosaic-production\r')
  await screen.waitFor('> mosaic-production_')
  expect(asked(deck, 'start')).toEqual([])
})

test.concurrent('across schema revisions a rollback is held until S accepts it', async (context) => {
  const deck = fakeDeck()
  const screen = await at(context, deck, 'rollback')
  await screen.waitFor('It will')
  await screen.press('jj')
  await screen.waitFor('▸ prod-2025-11-09')
  await screen.press('enter')
  await screen.guarded()
  await screen.waitFor('schema revision differs')
  await screen.press('S')
  expect(asked(deck, 'plan').at(-1)).toEqual(['plan', { op: 'rollback', to: 'prod-2025-11-09', acceptSchema: true }])
  expect(screen.text()).not.toContain('Held')
})

test.concurrent('what is not offered says why', async (context) => {
  const screen = await at(context, fakeDeck(), 'rollback')
  await screen.waitFor('It will')
  await screen.press('end', 'enter')
  await screen.waitFor('enter is off: quick-1762679520000 is not offered: its record')
})

test.concurrent('a run that does not start leaves the reason as it was typed', async (context) => {
  const deck = fakeDeck()
  const { start } = deck
  let refusals = 1
  deck.start = (plan, answers) =>
    refusals-- > 0 ? Promise.reject(held('The lock is held', 'by ben, since 12:02', [])) : start(plan, answers)
  const screen = await at(context, deck, 'rollback')
  await reviewRollback(screen)
  await write(screen, 'sessions corrupt', 'mosaic-production')
  await screen.waitFor('By ben, since 12:02.')
  expect(screen.text()).toContain('  sessions corrupt')
  await screen.press('enter')
  await screen.waitFor('running')
  expect(asked(deck, 'start')).toHaveLength(1)
})

test.concurrent('a run is stopped, followed and left; leaving asks and stops nothing', async (context) => {
  const deck = going(fakeDeck())
  const screen = await at(context, deck, RUN)
  await screen.press('s')
  expect(asked(deck, 'stop')).toEqual([['stop', RUN]])
  await screen.waitFor('It stops before: Certify.')
  await screen.press('q')
  await screen.waitFor('leaving does not')
  await screen.press('down', 'enter')
  await screen.waitFor('Stamp BUILD_ID')
  await screen.press('esc', 'q')
  await screen.waitFor('leaving does not')
  await screen.press('enter')
  expect(await screen.done).toBe(0)
  expect(asked(deck, 'stop')).toHaveLength(1)
})

test.concurrent('a release that answers wrongly offers the way back', async (context) => {
  const deck = going(fakeDeck())
  const screen = await at(context, deck, RUN)
  deck.run.set(ended(runningDeploy(RUN), 7, 'halted', 'verify'))
  withRun(deck, { state: 'ended', exit: 7 })
  await screen.waitFor('Live verification failed')
  await screen.waitFor('BUILD_ID 31d099c is served')
  expect(asked(deck, 'refresh')).toHaveLength(1)
  await screen.press('r')
  await screen.waitFor('Go back to')
})

test.concurrent('an interrupted run is looked at, and settled after Y', async (context) => {
  const deck = interrupted()
  const screen = await at(context, deck)
  await screen.waitFor('Settle the deploy')
  await screen.press('enter')
  await screen.waitFor('production serves 9f2c1e0')
  await screen.press('down', 'enter')
  await screen.guarded()
  expect(asked(deck, 'settle')).toEqual([])
  await screen.press('Y')
  expect(asked(deck, 'settle')).toEqual([['settle', 'undo']])
  await screen.waitFor('running')
})
