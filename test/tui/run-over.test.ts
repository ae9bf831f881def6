import { expect, test } from 'vitest'
import type { RunView, Store } from '../../src/core/deck.ts'
import { fakeDeck, RUN } from '../helpers/fake-deck.ts'
import { ended, runningDeploy } from '../helpers/fake-plans.ts'
import { asked, at } from '../helpers/on-screen.ts'

/** A run that stands so at the first look, and otherwise as soon as anybody listens: whoever does is told of nothing. */
function overUnseen(over: RunView): Store<RunView | null> {
  let view = runningDeploy(RUN)
  return {
    get: () => view,
    subscribe() {
      view = over
      return () => undefined
    },
  }
}

test.for([
  ['has ended', ended(runningDeploy(RUN), 0, 'done')],
  ['has died', { ...runningDeploy(RUN), died: true }],
] as const)('a run that %s before anybody listened keeps no key off', async ([, over], context) => {
  const deck = fakeDeck()
  deck.watch = () => overUnseen(over)
  const screen = await at(context, deck, RUN)
  await screen.press('esc', 'd')
  expect(screen.text()).not.toContain('is off')
  expect(asked(deck, 'plan')).toHaveLength(1)
})
