import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { UserError } from '../../src/core/failure.ts'
import { known } from '../../src/core/known.ts'
import { withRun } from '../helpers/decks-with-a-run.ts'
import { fakeDeck, RUN } from '../helpers/fake-deck.ts'
import { NOW } from '../helpers/fake-facts.ts'
import { lineEvent, runningDeploy } from '../helpers/fake-plans.ts'
import { at } from '../helpers/on-screen.ts'
import { faults, open } from '../helpers/screen.ts'

test.concurrent('why a key is off is read to its end, whatever the width', async (context) => {
  const screen = open(fakeDeck(), 60, 16, { first: 'rollback' })
  context.onTestFinished(async () => void (await screen.leave()))
  await screen.waitFor('It will')
  await screen.press('end', 'enter')
  await screen.waitFor('enter is off: quick-1762679520000 is not offered: its')
  expect(screen.rows().at(-3)).toMatch(/^ {2}record .*\.$/)
  expect(faults(screen, 60, 16)).toEqual([])
})

test.concurrent('several keys in one read are several keys', async (context) => {
  const screen = await at(context, fakeDeck())
  await screen.press('jj')
  await screen.waitFor('▸ d  Deploy')
  await screen.press('kkl')
  await screen.waitFor('Deploy logs')
})

test.concurrent('a filter narrows and esc clears it before it goes back', async (context) => {
  const screen = await at(context, fakeDeck(), 'logs')
  await screen.press('/')
  await screen.type('cook')
  await screen.waitFor('1 of 3')
  await screen.press('enter', 'esc')
  await screen.waitFor('3 of 3')
  await screen.press('esc')
  await screen.waitFor('Do next')
})

test.concurrent('a log is searched; n and N go from match to match', async (context) => {
  const screen = await at(context, fakeDeck(), 'logs')
  await screen.press('enter', '/')
  await screen.type('line 3')
  await screen.press('enter')
  await screen.waitFor(/^─+\n  line 3 of/m)
  await screen.press('n')
  await screen.waitFor(/^─+\n  line 30/m)
  await screen.press('N')
  await screen.waitFor(/^─+\n  line 3 of/m)
})

test.concurrent('the help is searched and runs what is chosen', async (context) => {
  const deck = fakeDeck()
  const screen = await at(context, deck)
  await screen.press('?')
  await screen.type('audit')
  await screen.press('enter')
  await screen.waitFor('Quick backup created')
})

test.concurrent('what is selected in the help and the palette is read whole at 60×16', async (context) => {
  const screen = open(fakeDeck(), 60, 16, { first: 'gate' })
  context.onTestFinished(async () => void (await screen.leave()))
  await screen.waitFor('Gate for')
  await screen.press('?')
  await screen.type('waive')
  await screen.waitFor('go on without it: reason, approver, typed')
  await screen.waitFor(/│ {11}name +│/)
  await screen.press('esc')
  await screen.press(':')
  await screen.type('audit verify')
  await screen.waitFor('off: there is no audit log yet')
})

test.concurrent('a header too narrow for all of it keeps the place and what is so', async (context) => {
  const deck = fakeDeck()
  const { live } = deck.facts.get().facts
  if (!live.ok) throw new Error('no facts')
  deck.setFacts({ live: known({ ...live.value, buildId: 'e'.repeat(40), matches: 'e'.repeat(40) }, NOW) })
  const screen = open(deck, 60, 16, { first: 'rollback' })
  context.onTestFinished(async () => void (await screen.leave()))
  await screen.waitFor('It will')
  expect(screen.rows()[0]).toMatch(/^ production › Roll back +live eeeeeee, not certified$/)
})

test.concurrent('the palette says why a command is off, and reads with the others', async (context) => {
  const screen = await at(context, fakeDeck())
  await screen.press('ctrl-p')
  await screen.type('chain')
  await screen.press('enter')
  await screen.waitFor('audit verify is off: there is no audit log yet.')
  await screen.press('\u0015')
  await screen.type('doctor')
  await screen.press('enter')
  await screen.waitFor('output of doctor')
})

test.concurrent('a failure says what, why and what to do', async (context) => {
  const deck = fakeDeck()
  deck.candidates = () =>
    Promise.reject(new UserError('the tags could not be read', 'origin does not answer', ['R tries again.']))
  const screen = await at(context, deck, 'rollback')
  await screen.waitFor('The tags could not be read')
  await screen.waitFor('R tries again.')
  await screen.press('esc')
  await screen.waitFor('Go back to')
})

test.concurrent('unknown facts say so, then get their value; an idle deck writes nothing', async (context) => {
  const deck = fakeDeck()
  const { live } = deck.facts.get().facts
  deck.setFacts({ live: { at: NOW, ok: false, because: '', fix: '' } }, ['live'])
  const screen = await at(context, deck)
  await screen.waitFor('checking…')
  deck.setFacts({ live })
  await screen.waitFor('BUILD_ID matches')
  const before = screen.written()
  await sleep(600)
  expect(screen.written()).toBe(before)
})

test.concurrent('a resize draws again, down to one sentence and back', async (context) => {
  const screen = await at(context, fakeDeck())
  await screen.resize(120, 40)
  await screen.waitFor('│ Back up now')
  await screen.resize(50, 10)
  await screen.waitFor('This terminal is 50×10; the deck needs 60×16.')
  await screen.resize(80, 24)
  await screen.waitFor(/\? keys {2}q$/)
})

test.concurrent('at 60×16 it is still said that a migration comes along', async (context) => {
  const screen = open(fakeDeck(), 60, 16)
  context.onTestFinished(async () => void (await screen.leave()))
  await screen.waitFor('Do next')
  expect(screen.text()).toMatch(/Next +14 commits, 1 migration +○ gate not run/)
})

test.concurrent('what is to be done stands in one column, whatever its key', async (context) => {
  const deck = withRun(fakeDeck(), { state: 'running' })
  const screen = await at(context, deck)
  await screen.waitFor('Watch the deploy')
  const [first, second] = screen.rows().slice(screen.rows().indexOf('  Do next') + 1)
  expect(first?.indexOf('Watch')).toBe(second?.search(/(?<=^  \S+ +)\S/))
})

test.concurrent('an overlay stays through every size, with what was typed into it', async (context) => {
  const screen = await at(context, fakeDeck(), 'gate')
  await screen.press('j', 'f')
  await screen.waitFor('nothing has changed')
  await screen.guarded()
  await screen.type('it hangs')
  await screen.resize(50, 10)
  await screen.waitFor('the deck needs 60×16')
  for (const [columns, rows] of [
    [60, 16],
    [120, 40],
    [80, 24],
  ] as const) {
    await screen.resize(columns, rows)
    await screen.waitFor('> it hangs_')
    expect(faults(screen, columns, rows)).toEqual([])
  }
})

test.concurrent('break glass says what there is, and esc leaves it', async (context) => {
  const screen = await at(context, fakeDeck())
  await screen.press('ctrl-g')
  await screen.waitFor('r on the dashboard rolls back')
  await screen.guarded()
  await screen.press('esc')
  await screen.waitFor('Do next')
})

test.concurrent('the terminal is given back', async (context) => {
  const screen = await at(context, fakeDeck())
  expect(await screen.leave()).toBe(0)
  expect(screen.raw()).toContain('\u001b[?1049h')
  expect(screen.raw().lastIndexOf('\u001b[?1049l')).toBeGreaterThan(screen.raw().lastIndexOf('\u001b[?1049h'))
  expect(screen.raw().lastIndexOf('\u001b[?25h')).toBeGreaterThan(screen.raw().lastIndexOf('\u001b[?25l'))
})

test.concurrent('a failure of the deck itself gives the terminal back before it is told', async () => {
  const deck = fakeDeck()
  deck.commands = () => {
    throw new Error('a bug')
  }
  const screen = open(deck, 80, 24)
  await screen.settle()
  const told = expect(screen.done).rejects.toThrow('a bug')
  await screen.press(':')
  await told
  expect(screen.raw().lastIndexOf('\u001b[?1049l')).toBeGreaterThan(screen.raw().lastIndexOf('\u001b[?1049h'))
})

test('fault 70: a million lines leave the keys quick', async (context) => {
  const deck = fakeDeck()
  const view = runningDeploy(RUN)
  deck.run.set(view)
  const screen = await at(context, deck, RUN)
  let said = 0
  const machine = { noisy: true }
  const noise = (async () => {
    for (; machine.noisy && said < 1_000_000; said += 2_000) {
      const events = Array.from({ length: 2_000 }, (_, index) =>
        lineEvent(RUN, said + index, `line ${said + index + 1}`),
      )
      deck.run.set({ ...view, events })
      await sleep(1)
    }
  })()
  const took: number[] = []
  for (const [key, shows] of [
    ['?', 'The keys of this place'],
    ['\u001b', 'following'],
    [':', 'Commands'],
    ['\u001b', 'following'],
  ] as const) {
    const from = performance.now()
    screen.send(key)
    while (!screen.text().includes(shows) && performance.now() - from < 3_000) await sleep(5)
    took.push(performance.now() - from)
  }
  machine.noisy = false
  await noise
  await screen.waitFor(`line ${said}`)
  // Generous for a busy machine; the benchmark measures it.
  expect(Math.max(...took)).toBeLessThan(1_500)
}, 30_000)
