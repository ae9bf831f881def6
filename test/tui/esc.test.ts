import { expect, test } from 'vitest'
import { fakeDeck } from '../helpers/fake-deck.ts'
import { asked, at } from '../helpers/on-screen.ts'

/** Keys that come in one read with an esc before them, as over a slow line. */

const ESC = '\u001B'

test.concurrent('esc and a letter in one read are both of them', async (context) => {
  const screen = await at(context, fakeDeck())
  await screen.press('l')
  await screen.waitFor('Deploy logs')
  await screen.press(`${ESC}b`)
  await screen.waitFor('Saves')
})

test.concurrent('esc twice in one read goes back twice', async (context) => {
  const screen = await at(context, fakeDeck())
  await screen.press('l', 'enter')
  await screen.waitFor('line 1 of the log')
  await screen.press(ESC + ESC)
  await screen.waitFor('Do next')
})

test.concurrent('esc and an arrow in one read go back, and then move', async (context) => {
  const screen = await at(context, fakeDeck())
  await screen.press('l')
  await screen.waitFor('Deploy logs')
  await screen.press(`${ESC}${ESC}[B`)
  await screen.waitFor('▸ g  Run the gate')
})

test.concurrent('an arrow with alt, as a terminal tells of it, is that arrow alone', async (context) => {
  const screen = await at(context, fakeDeck(), 'logs')
  await screen.waitFor('Deploy logs')
  await screen.press(`${ESC}[1;3B`)
  expect(screen.text()).toContain('Deploy logs')
})

test.concurrent.for([
  ['enter', `${ESC}\r`, 'Gate for'],
  ['a newline', `${ESC}\n`, 'Gate for'],
  ['esc and enter', `${ESC}${ESC}\r`, 'Do next'],
  ['two enters', `${ESC}\r\r`, 'Gate for'],
] as const)(
  'esc with %s in one read leaves a form, and neither submits nor opens anything',
  async ([, keys, there], context) => {
    const deck = fakeDeck()
    const screen = await at(context, deck, 'gate')
    await screen.press('j', 'f')
    await screen.waitFor('nothing has changed')
    await screen.guarded()
    await screen.type('it hangs')
    await screen.press(keys)
    expect(screen.text()).not.toContain('nothing has changed')
    expect(screen.text()).toContain(there)
    expect(asked(deck, 'fail')).toEqual([])
  },
)

test.concurrent('esc and ctrl-c in one read leave', async (context) => {
  const screen = await at(context, fakeDeck(), 'logs')
  screen.send(`${ESC}\u0003`)
  expect(await screen.done).toBe(0)
})

test.concurrent('alt with backspace erases in a field, and keeps what was typed', async (context) => {
  const screen = await at(context, fakeDeck(), 'gate')
  await screen.press('j', 'f')
  await screen.waitFor('nothing has changed')
  await screen.guarded()
  await screen.type('it hangs')
  await screen.press(`${ESC}\u007F`)
  await screen.waitFor('it hang_')
})
