import { expect, test } from 'vitest'
import { withRun } from '../helpers/decks-with-a-run.ts'
import { brokenConfig, fakeDeck, type FakeDeck } from '../helpers/fake-deck.ts'
import { frame } from '../helpers/frame.ts'
import { open } from '../helpers/screen.ts'
import { REOPEN } from '../../src/tui/reopen.ts'

const brokenDeck = (): FakeDeck => Object.assign(fakeDeck(), { broken: { ...brokenConfig } })

test('a broken configuration: what is wrong, and what can be done all the same', async () => {
  expect(await frame({ deck: brokenDeck(), shows: 'Break glass' })).toMatchInlineSnapshot(`
    "
     mosaic / production                                         you are ana@laptop
    ────────────────────────────────────────────────────────────────────────────────

      ✗ knowngood.yaml has 3 problems

        Line 9: sources.database.use: there is no sqlit; did you mean sqlite?
        Line 31: deplooy is unknown; did you mean deploy?
        … and 2 more; e shows them

      Production does not depend on it. Until it is mended, nothing can be backed
      up or released from here.

      What can be done
    ▸ ctrl-g  Break glass    from immaculate-3, by the configuration it carries
      e       See the lines  the file, where it is wrong
      R       Look again     opens the dashboard once this is mended

      In a shell: knowngood doctor checks the rest.

    ────────────────────────────────────────────────────────────────────────────────
     e see the lines  enter open  R look again  y copy  ? keys  q
    "
  `)
})

test('the lines are one key away, and so is break glass; esc leads back here', async () => {
  const screen = open(brokenDeck(), 80, 24)
  await screen.waitFor('What can be done')
  await screen.press('e')
  await screen.waitFor('data/app.db')
  await screen.press('ctrl-g')
  await screen.waitFor('BREAK GLASS')
  await screen.guarded()
  await screen.press('esc')
  await screen.press('esc')
  await screen.waitFor('What can be done')
  await screen.leave()
})

test('nothing else is offered: no deploy, no palette', async () => {
  const deck = brokenDeck()
  const screen = open(deck, 80, 24)
  await screen.waitFor('What can be done')
  await screen.press('d', 'b', ':')
  await screen.waitFor('is off: its commands need the configuration')
  expect(deck.asked.map(([what]) => what)).not.toContain('plan')
  await screen.leave()
})

test('R says that it is not mended yet, and opens the program anew once it is', async () => {
  const deck = brokenDeck()
  const screen = open(deck, 80, 24)
  await screen.waitFor('What can be done')
  await screen.press('R')
  await screen.waitFor('It is not mended yet')
  deck.broken = { ...brokenConfig, mended: () => Promise.resolve(true) }
  await screen.press('x')
  withRun(deck)
  await screen.waitFor('Settle the deploy')
  await screen.press('R')
  expect(await screen.done).toBe(REOPEN)
})

test('a run that stopped half way is settled as ever', async () => {
  const deck = withRun(brokenDeck())
  const screen = open(deck, 80, 24)
  await screen.waitFor('Settle the deploy')
  await screen.press('enter')
  await screen.waitFor('What now?')
  expect(screen.text()).toContain('Resume')
  await screen.leave()
})
