import { expect, test } from 'vitest'
import { known } from '../../src/core/known.ts'
import { fakeDeck, RUN, type FakeDeck } from '../helpers/fake-deck.ts'
import { candidates, NEXT, NOW } from '../helpers/fake-facts.ts'
import { runningDeploy } from '../helpers/fake-plans.ts'
import { at } from '../helpers/on-screen.ts'

/** The next commit went out, and nothing certified it. */
function failedRelease(): FakeDeck {
  const deck = fakeDeck()
  const { live } = deck.facts.get().facts
  if (!live.ok) throw new Error('nothing is live')
  deck.setFacts({ live: known({ ...live.value, buildId: NEXT, matches: NEXT }, NOW) })
  return deck
}

test.concurrent('after a failed release the way back names what is really live, and begins at a release', async (context) => {
  const deck = failedRelease()
  deck.candidates = () => Promise.resolve(candidates.toReversed())
  const asked: string[][] = []
  deck.commits = (from, to) => {
    asked.push([from, to])
    return Promise.resolve([])
  }
  const screen = await at(context, deck, 'rollback')
  await screen.waitFor('live 9f2c1e0, not certified')
  expect(screen.rows().find((row) => row.startsWith('▸'))).toContain('prod-2025-11-09')
  await screen.press('c')
  await screen.waitFor('No commit is undone')
  expect(asked.map(([, to]) => to)).toEqual([NEXT])
})

test.concurrent('a command that lifts a hold stands there as it is typed', async (context) => {
  const deck = fakeDeck()
  const behind = { id: 'behind', why: 'main does not contain origin/main', fix: 'git pull origin main' }
  deck.setFacts({ deployHolds: [behind] })
  const screen = await at(context, deck)
  await screen.press('d')
  await screen.waitFor('!  main does not contain origin/main')
  await screen.waitFor('     git pull origin main')
})

test.concurrent('the palette puts a command before others that only speak of it', async (context) => {
  const screen = await at(context, fakeDeck())
  await screen.press(':')
  await screen.type('theme')
  await screen.waitFor('▸ theme auto')
  await screen.press('esc', ':')
  await screen.type('log')
  await screen.waitFor('▸ logs')
})

test.concurrent('a list of keys longer than its box says how many there are', async (context) => {
  const screen = await at(context, fakeDeck())
  await screen.press('?')
  await screen.waitFor(/Find {2}_ +1 to 15 of \d\d/)
})

test.concurrent('a passed gate says until when, and d goes on to the deploy', async (context) => {
  const deck = fakeDeck()
  const { gate } = deck.facts.get().facts
  if (!gate.ok) throw new Error('no gate')
  const items = gate.value.items.map((item) => ({ ...item, state: 'pass' as const }))
  const screen = await at(context, deck, 'gate')
  await screen.press('d')
  await screen.waitFor('d is off: the gate is not passed.')
  deck.setFacts({ gate: known({ ...gate.value, state: 'passed', expiresAt: '2025-11-22T00:04:31.143Z', items }, NOW) })
  await screen.waitFor('✓  Gate passed until 00:04Z   d reviews the deploy')
  await screen.press('d')
  await screen.waitFor('It will')
})

test.concurrent('a run that failed says that it cleans up, not where it might still be stopped', async (context) => {
  const deck = fakeDeck()
  const view = runningDeploy(RUN)
  const failed = { state: 'failed' as const, ms: 9_000, startedAt: NOW, error: 'production answers 500' }
  const plan = {
    ...view.plan,
    steps: view.plan.steps.map((step) => (step.id === 'verify' ? { ...step, onFail: 'halt' as const } : step)),
  }
  deck.run.set({ ...view, plan, states: { ...view.states, verify: failed } })
  const screen = await at(context, deck, RUN)
  await screen.waitFor('failed, cleaning up')
  expect(screen.rows().at(-1)).not.toContain('stop')
  await screen.press('s')
  await screen.waitFor('s is off: it failed, and ends by itself.')
})

test.concurrent('a log keeps the ends of its long lines', async (context) => {
  const deck = fakeDeck()
  deck.log = () => Promise.resolve([`- read 1: ${'https://mosaic.example/a '.repeat(6)}answers 200`, 'the end'])
  const screen = await at(context, deck)
  await screen.press('l')
  await screen.waitFor('Deploy logs')
  await screen.press('enter')
  await screen.waitFor('answers 200')
  await screen.waitFor('1 to 2 of 2')
})

test.concurrent('another tag on the live commit takes no release its name', async (context) => {
  const deck = fakeDeck()
  const { git } = deck.facts.get().facts
  if (!git.ok) throw new Error('no facts')
  const [live] = git.value.tags
  if (live === undefined) throw new Error('nothing was released')
  const sacred = { ...live, name: 'sacred/pr-214', at: NOW, release: false }
  deck.setFacts({ git: known({ ...git.value, tags: [sacred, ...git.value.tags] }, NOW) })
  const screen = await at(context, deck)
  await screen.waitFor(/Live +prod-2025-11-18/)
  await screen.press('r')
  await screen.waitFor('live prod-2025-11-18')
  await screen.press('esc')
  await screen.press('v')
  await screen.waitFor('prod-2025-11-18')
  expect(screen.text()).not.toContain('sacred')
})
