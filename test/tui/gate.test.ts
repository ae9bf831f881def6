import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { held } from '../../src/core/failure.ts'
import { fakeDeck } from '../helpers/fake-deck.ts'
import { asked, at, write } from '../helpers/on-screen.ts'
import { open } from '../helpers/screen.ts'

test.concurrent('the gate: confirm with evidence, fail with a reason, waive with everything', async (context) => {
  const deck = fakeDeck()
  const screen = await at(context, deck, 'gate')
  await screen.press('space')
  await screen.guarded()
  await screen.paste('https://deploy.example/shot.png')
  await screen.press('enter')
  expect(asked(deck, 'confirm')).toEqual([['confirm', 'sign-in', ['https://deploy.example/shot.png']]])
  await screen.waitFor('3 of 4 pass')
  await screen.press('j', 'f')
  await screen.guarded()
  await screen.type('it hangs')
  await screen.press('enter')
  expect(asked(deck, 'fail')).toEqual([['fail', 'chat', 'it hangs']])
  await screen.press('w')
  await screen.guarded()
  await screen.type('known')
  await screen.press('enter')
  await write(screen, 'ben', 'mosaic-production')
  expect(asked(deck, 'waive')).toEqual([['waive', 'chat', 'known', 'ben', 'mosaic-production']])
  await screen.press('R')
  expect(asked(deck, 'checks')).toHaveLength(1)
})

test.concurrent('enter right behind the last key of a text sends the whole text', async (context) => {
  const deck = fakeDeck()
  const screen = await at(context, deck, 'gate')
  await screen.press('space')
  await screen.waitFor('nothing has changed')
  await screen.guarded()
  const path = 'shots/a.png'
  screen.send(path)
  for (const _ of path.slice(1)) await setImmediate()
  screen.send('\r')
  await screen.waitFor('3 of 4 pass')
  expect(asked(deck, 'confirm')).toEqual([['confirm', 'sign-in', ['shots/a.png']]])
})

test.concurrent('evidence that is refused is still there to be mended, with the reason beside it', async (context) => {
  const deck = fakeDeck()
  const { confirm } = deck.gate
  deck.gate.confirm = (id, [path = '']) =>
    path.endsWith('.png')
      ? confirm(id, [path])
      : Promise.reject(held(`${path} was not taken as evidence`, 'there is no such file', ['Give a plain file.']))
  const screen = await at(context, deck, 'gate')
  await screen.press('space')
  await screen.waitFor('nothing has changed')
  await screen.guarded()
  await screen.type('shots/sign-in.pn')
  await screen.press('enter')
  await screen.waitFor('shots/sign-in.pn was not taken as evidence')
  expect(screen.text()).toMatch(/> shots\/sign-in\.pn_[\s\S]*There is no such file\.[\s\S]*Give a plain file\./)
  await screen.type('g')
  await screen.waitFor('> shots/sign-in.png_')
  expect(screen.text()).not.toContain('no such file')
  await screen.press('enter')
  await screen.waitFor('3 of 4 pass')
  expect(asked(deck, 'confirm')).toEqual([['confirm', 'sign-in', ['shots/sign-in.png']]])
})

test.concurrent('a form of three fields and a long refusal still shows every field at 60×16', async (context) => {
  const deck = fakeDeck()
  const refusal = held('zoe may not approve a waiver', 'gate.approvers are ana, ben', ['Ask one of them.'])
  deck.gate.waive = () => Promise.reject(refusal)
  const screen = open(deck, 60, 16, { first: 'gate' })
  context.onTestFinished(async () => void (await screen.leave()))
  await screen.waitFor('Gate for')
  await screen.press('w')
  await screen.waitFor('nothing has changed')
  await screen.guarded()
  for (const text of ['known', 'zoe', 'mosaic-production']) {
    await screen.type(text)
    await screen.press('enter')
  }
  await screen.waitFor('Ask one of them.')
  for (const says of ['Reason', 'known', 'zoe', '> mosaic-production_', 'may not approve a waiver'])
    expect(screen.text()).toContain(says)
  await screen.press('tab')
  await screen.waitFor('> known_')
})

test.concurrent('a check is not confirmed by hand', async (context) => {
  const deck = fakeDeck()
  const screen = await at(context, deck, 'gate')
  await screen.press('home', 'space')
  await screen.waitFor('space is off: a check is passed by running it')
})
