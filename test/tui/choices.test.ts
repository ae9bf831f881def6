import { expect, test, type TestContext } from 'vitest'
import { going, interrupted, withRun } from '../helpers/decks-with-a-run.ts'
import { fakeDeck, RUN, type FakeDeck } from '../helpers/fake-deck.ts'
import { ended, runningDeploy } from '../helpers/fake-plans.ts'
import { asked, at, aVoice, told } from '../helpers/on-screen.ts'
import { faults, open, type Screen } from '../helpers/screen.ts'

/** A few ways to go on: "Leave?" while a run is going, and what now with an interrupted one. */

const spoken = (context: TestContext, deck: FakeDeck): Screen => {
  const screen = open(deck, 80, 24, { env: aVoice })
  context.onTestFinished(async () => void (await screen.leave()))
  return screen
}

test.concurrent('by a screen reader an interrupted run is settled, and each choice is said', async (context) => {
  const deck = interrupted()
  const screen = spoken(context, deck)
  await told(screen, 'Settle the deploy')
  await screen.press('enter')
  await told(screen, 'Selected: Resume go on with the very plan that was reviewed')
  const before = screen.written()
  await screen.press('down')
  await told(screen, 'Selected: Undo put back what was done, last first')
  await told(screen, 'It pushes 31d099c back and proves it live.')
  expect(screen.raw().slice(before)).not.toContain('Abandon')
  await screen.press('enter')
  await told(screen, 'Undo: Deploy 9f2c1e0')
  await screen.guarded()
  await screen.press('Y')
  expect(asked(deck, 'settle')).toEqual([['settle', 'undo']])
})

test.concurrent('by a screen reader "Leave?" is answered', async (context) => {
  const deck = going(fakeDeck())
  const screen = spoken(context, deck)
  await told(screen, 'Do next')
  await screen.press('q')
  await told(screen, 'Selected: Leave; the run goes on')
  await screen.press('j', 'j')
  await told(screen, 'Selected: Stop it')
  await screen.press('enter')
  expect(asked(deck, 'stop')).toEqual([['stop', RUN]])
})

test.concurrent('a digit stops no run: keys that are not in the table do nothing', async (context) => {
  const deck = going(fakeDeck())
  const screen = await at(context, deck)
  await screen.press('q')
  await screen.waitFor('Stop it')
  await screen.press('3')
  expect(asked(deck, 'stop')).toEqual([])
  expect(screen.text()).toContain('Leave?')
})

test.concurrent('the keys that move and choose are told of in the help', async (context) => {
  const screen = await at(context, interrupted())
  await screen.press('enter')
  await screen.waitFor('What now?')
  await screen.press('?')
  await screen.waitFor('move down')
})

test.concurrent('keys of one read are several keys among the choices as well', async (context) => {
  const deck = interrupted()
  const screen = await at(context, deck)
  await screen.press('enter')
  await screen.waitFor('▸ Resume')
  await screen.press('jj')
  await screen.waitFor('▸ Abandon')
  await screen.press('k\r')
  await screen.waitFor('Undo: Deploy 9f2c1e0')
  await screen.guarded()
  await screen.press('esc')
  // What was pointed at still is, once nothing lies over it.
  await screen.waitFor('▸ Undo')
})

test.concurrent('q and enter in one read leave, as they do one by one', async () => {
  const screen = open(going(fakeDeck()), 80, 24)
  await screen.waitFor('Do next')
  screen.send('q\r')
  expect(await screen.done).toBe(0)
})

test.concurrent('"Leave?" begins at its first answer each time', async (context) => {
  const screen = await at(context, going(fakeDeck()))
  await screen.press('q', 'j', 'j')
  await screen.waitFor('▸ Stop it')
  await screen.press('esc', 'q')
  await screen.waitFor('▸ Leave; the run goes on')
})

test.concurrent('"Leave?" says nothing of stopping before the run was read', async (context) => {
  const deck = withRun(fakeDeck(), { state: 'running' })
  const screen = await at(context, deck)
  await screen.press('q')
  await screen.waitFor('leaving does not')
  expect(screen.text()).not.toContain('past the last point')
  deck.run.set(runningDeploy(RUN))
  await screen.waitFor('Stopped, it would stop')
})

test.concurrent('"Leave?" tells that the run ended while it was asked, and no longer offers to stop it', async (context) => {
  const deck = going(fakeDeck())
  const screen = await at(context, deck)
  await screen.press('q', 'j', 'j')
  await screen.waitFor('▸ Stop it')
  deck.run.set(ended(runningDeploy(RUN), 0, 'done'))
  await screen.waitFor('Deploy 9f2c1e0 has ended meanwhile.')
  await screen.waitFor('▸ Stay here')
  expect(screen.text()).not.toMatch(/Stop it|goes on|going on/)
  deck.run.set({ ...runningDeploy(RUN), died: true })
  await screen.waitFor('was interrupted: its process is gone')
  await screen.press('enter')
  await screen.waitFor('Do next')
  expect(asked(deck, 'stop')).toEqual([])
})

test.concurrent('of an interrupted run at 60×16, the step it stopped at and what resuming does stand whole', async (context) => {
  const deck = interrupted()
  const found = await deck.inspect(RUN)
  const [lock, , verify] = found.steps
  if (lock === undefined || verify === undefined) throw new Error('no steps')
  const before = ['Lock', 'Look again', 'Back up', 'Build'].map((title) => ({ ...lock, title }))
  const push = { ...verify, title: 'git push', seen: 'not there: 31d099c', state: 'absent' }
  const resume = { can: true, why: 'It goes on where it stopped, doing again only what is not there.' }
  deck.inspect = () => Promise.resolve({ ...found, steps: [...before, push], resume })
  const screen = await at(context, deck)
  await screen.resize(60, 16)
  await screen.press('enter')
  await screen.waitFor(/git push +begun/)
  await screen.waitFor(/what\s+is\s+not\s+there\./)
  const row = () => screen.rows().findIndex((text) => text.includes('git push'))
  const stood = row()
  await screen.press('down')
  await screen.waitFor('proves it live')
  expect(row()).toBe(stood)
  expect(faults(screen, 60, 16)).toEqual([])
})
