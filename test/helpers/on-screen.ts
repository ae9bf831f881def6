import { setTimeout as sleep } from 'node:timers/promises'
import { expect, type TestContext } from 'vitest'
import { FULL } from './fake-backups.ts'
import type { FakeDeck } from './fake-deck.ts'
import { open, type Screen } from './screen.ts'

/** The deck on 80×24 at this place, ended with the test. */
export async function at(context: TestContext, deck: FakeDeck, first?: string): Promise<Screen> {
  const screen = open(deck, 80, 24, first === undefined ? {} : { first })
  context.onTestFinished(async () => void (await screen.leave()))
  await screen.settle()
  return screen
}

/** The settings by which the deck speaks instead of drawing. */
export const aVoice = { TERM: 'xterm', LANG: 'C.UTF-8', ACCESSIBLE: '1' }

/** Waits until it was said; lines scroll away, so anywhere in what was written. */
export async function told(screen: Screen, text: string): Promise<void> {
  for (let tries = 0; tries < 100 && !screen.raw().includes(text); tries += 1) await sleep(30)
  expect(screen.raw()).toContain(text)
}

/** What the screens asked of the deck, in their order. */
export const asked = (deck: FakeDeck, what: string): unknown[][] => deck.asked.filter(([name]) => name === what)

/** From the candidates to the form that asks for a reason and the name: enter, then Y on the plan. */
export async function reviewRollback(screen: Screen): Promise<void> {
  await screen.waitFor('It will')
  await screen.press('enter')
  await screen.waitFor('Y go')
  await screen.guarded()
  await screen.press('Y')
  await screen.waitFor('nothing has changed')
  await screen.guarded()
}

/** The reason and the typed name, each with its enter. */
export async function write(screen: Screen, reason: string, name: string): Promise<void> {
  await screen.type(reason)
  await screen.press('enter')
  await screen.type(name)
  await screen.press('enter')
}

/** In the list of backups, the pointer on the full backup: a key counts for the row that is seen. */
export async function onFull(screen: Screen): Promise<void> {
  await screen.press('jjj')
  await screen.waitFor(`▸ ${FULL}`)
}
