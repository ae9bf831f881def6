import { expect, test } from 'vitest'
import { going } from '../helpers/decks-with-a-run.ts'
import { fakeDeck } from '../helpers/fake-deck.ts'
import { asked, at, reviewRollback } from '../helpers/on-screen.ts'
import { open } from '../helpers/screen.ts'

/** Below 60×16 one sentence is all there is to see. */

test.concurrent('below the floor no key starts what cannot be seen', async (context) => {
  const deck = fakeDeck()
  const screen = await at(context, deck, 'backup')
  await screen.waitFor('Saves')
  await screen.resize(40, 10)
  await screen.waitFor('the deck needs')
  await screen.press('b', 'j', 'enter', ':', '?', 'esc')
  expect(asked(deck, 'start')).toEqual([])
  await screen.resize(80, 24)
  await screen.waitFor('Saves')
  await screen.press('b')
  expect(asked(deck, 'start')).toHaveLength(1)
})

test.concurrent('below the floor nothing is written, pasted or submitted in a form', async (context) => {
  const deck = fakeDeck()
  const screen = await at(context, deck, 'rollback')
  await reviewRollback(screen)
  await screen.type('why')
  await screen.resize(59, 24)
  await screen.type('quite blind')
  await screen.paste('pasted')
  await screen.press('esc', 'enter')
  await screen.resize(80, 24)
  await screen.waitFor('why_')
})

test.concurrent('below the floor q leaves', async () => {
  const screen = open(fakeDeck(), 40, 10)
  await screen.waitFor('the deck needs')
  await screen.press('q')
  expect(await screen.done).toBe(0)
})

test.concurrent('below the floor q asks while a run is going: what it asks is there at the next resize', async (context) => {
  const deck = going(fakeDeck())
  const screen = await at(context, deck)
  await screen.resize(80, 15)
  await screen.press('q', 'enter')
  await screen.resize(80, 24)
  await screen.waitFor('Leave?')
})
