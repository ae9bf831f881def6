import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, type TestContext } from 'vitest'
import { known, unknown } from '../../src/core/known.ts'
import { going } from '../helpers/decks-with-a-run.ts'
import { fakeDeck, RUN } from '../helpers/fake-deck.ts'
import { emptyFacts, NOW } from '../helpers/fake-facts.ts'
import { baselines, emergencyPlan, glassDeck } from '../helpers/fake-glass.ts'
import { ended } from '../helpers/fake-plans.ts'
import { asked, at, write } from '../helpers/on-screen.ts'
import type { Screen } from '../helpers/screen.ts'

async function glass(context: TestContext, deck = glassDeck()): Promise<Screen> {
  const screen = await at(context, deck)
  await screen.press('ctrl-g')
  await screen.waitFor('immaculate-3')
  await screen.waitFor('knowngood restore --undo')
  await screen.guarded()
  return screen
}

test.concurrent('from ctrl-g to the running chain: the reason, the name and enter', async (context) => {
  const deck = glassDeck()
  const screen = await glass(context, deck)
  await screen.type('sessions are corrupt')
  await screen.press('enter')
  await screen.type('mosaic-production')
  await screen.waitFor('enter starts it')
  expect(asked(deck, 'start')).toEqual([])
  await screen.press('enter')
  await screen.waitFor('Take the lock')
  const answers = { reason: 'sessions are corrupt', typed: 'mosaic-production' }
  expect(asked(deck, 'start')).toEqual([['start', 'emergency', answers]])
  expect(asked(deck, 'plan').at(-1)).toEqual([
    'plan',
    { op: 'emergency', baseline: 'immaculate-3', only: [], keepData: false, reason: 'sessions are corrupt' },
  ])
})

test.concurrent('the plan that was read is the one that runs', async (context) => {
  const deck = glassDeck()
  let made = 0
  const started: string[] = []
  deck.plan = (request) => {
    made += 1
    if (request.op !== 'emergency') throw new Error(`not asked for: ${request.op}`)
    const plan = emergencyPlan(request)
    return Promise.resolve({ ...plan, names: { ...plan.names, run: `emergency-20251121_12331${made}Z-a1b2` } })
  }
  const start = deck.start
  deck.start = (plan, answers) => {
    started.push(plan.names['run'] ?? '')
    return start(plan, answers)
  }
  const screen = await glass(context, deck)
  await screen.type('x')
  await screen.press('enter')
  await screen.type('mosaic-production')
  const shown = /--undo (\S+)/.exec(screen.text())?.[1]
  await screen.press('enter')
  await screen.waitFor('Take the lock')
  expect(started).toEqual([shown])
})

test.concurrent('a name that does not match exactly starts nothing, and says so', async (context) => {
  const deck = glassDeck()
  const screen = await glass(context, deck)
  await screen.press('tab')
  await screen.type('mosaic-prod')
  await screen.press('enter')
  await screen.waitFor('A reason is needed')
  await screen.type('gone')
  await screen.press('enter', 'enter')
  await screen.waitFor('That says mosaic-prod; the name is mosaic-production.')
  await screen.type('uction ')
  await screen.press('enter')
  await screen.waitFor('the name is mosaic-production.')
  expect(asked(deck, 'start')).toEqual([])
})

test.concurrent('pasted newlines and keys still held from before start nothing', async (context) => {
  const deck = glassDeck()
  const screen = await at(context, deck)
  screen.send('\u0007')
  await sleep(30)
  screen.send('jjj')
  await screen.waitFor('immaculate-3')
  await screen.guarded()
  expect(screen.text()).not.toContain('jjj')
  await screen.paste('sessions\nare corrupt\n')
  await screen.waitFor('sessions are corrupt_')
  screen.send('and more\rmosaic-production\r')
  await screen.waitFor('moremosaic-production_')
  expect(asked(deck, 'start')).toEqual([])
})

test.concurrent('esc leaves, and forgets the name that was typed', async (context) => {
  const deck = glassDeck()
  const screen = await glass(context, deck)
  await screen.press('tab')
  await screen.type('mosaic-production')
  await screen.press('esc')
  await screen.waitFor('Do next')
  await screen.press('ctrl-g')
  await screen.waitFor('immaculate-3')
  expect(screen.text()).not.toMatch(/> mosaic-production/)
  expect(asked(deck, 'start')).toEqual([])
})

test.concurrent('another baseline is one key away, and is the one that is planned', async (context) => {
  const deck = glassDeck()
  const screen = await glass(context, deck)
  await screen.press('\u000f')
  await screen.waitFor('immaculate-2')
  await screen.waitFor('! hashed, never restored')
  expect(screen.text()).toContain('not measured yet; knowngood emergency --rehearse measures it')
  expect(asked(deck, 'plan').at(-1)).toMatchObject(['plan', { baseline: 'immaculate-2' }])
  await screen.press('\u000f')
  await screen.waitFor('immaculate-3')
})

test.concurrent('only some parts, or no data, are one key away', async (context) => {
  const deck = glassDeck()
  const screen = await glass(context, deck)
  await screen.press('\u0014')
  await screen.waitFor('▸ Parts')
  await screen.press('space')
  await screen.waitFor('[ ] database')
  expect(asked(deck, 'plan').at(-1)).toMatchObject(['plan', { only: ['cache', 'code'] }])
  await screen.waitFor('what was written to cache since')
  await screen.press('space', '\u0004')
  await screen.waitFor('data is kept')
  expect(asked(deck, 'plan').at(-1)).toMatchObject(['plan', { only: [], keepData: true }])
  await screen.waitFor('no data: databases and files stay')
  await screen.press('enter', 'd')
  await screen.waitFor('d_')
})

test.concurrent('nothing chosen is held, and enter says why', async (context) => {
  const deck = glassDeck()
  const screen = await glass(context, deck)
  await screen.press('\u0014', 'down', 'down', 'space', '\u0004')
  await screen.waitFor('Held: immaculate-3 holds nothing')
  await screen.press('enter')
  await write(screen, 'x', 'mosaic-production')
  await screen.waitFor('Held: immaculate-3 holds nothing of what was asked for. leave --only out')
  expect(asked(deck, 'start')).toEqual([])
})

test.concurrent('the exact commands are printed, and what was written is still there after', async (context) => {
  const screen = await glass(context)
  await screen.type('sessions')
  await screen.press('\u0018')
  await screen.waitFor('# Each step only after the one before it went well.')
  expect(screen.text()).toContain('echo swap.database')
  await screen.press('esc')
  await screen.waitFor('sessions_')
  await screen.guarded()
  await screen.press('\u0018')
  await screen.waitFor('# Each step only')
  await screen.press('ctrl-g')
  await screen.waitFor('sessions_')
  await screen.guarded()
  await screen.press('esc')
  await screen.waitFor('Do next')
})

test.concurrent('while a run is going it says so, and offers to stop that first', async (context) => {
  const deck = going(glassDeck())
  const screen = await at(context, deck, RUN)
  await screen.waitFor('netlify')
  await screen.press('ctrl-g')
  await screen.waitFor('A deploy is running')
  await screen.waitFor('ctrl-e stop the run first')
  await screen.guarded()
  await screen.press('\u0005')
  await screen.waitFor('It was asked to stop')
  expect(asked(deck, 'stop')).toEqual([['stop', RUN]])
  deck.setFacts({ runs: known([], NOW) })
  const view = deck.run.get()
  if (view) deck.run.set(ended(view, 4, 'stopped'))
  await screen.waitFor(/^(?![\s\S]*is running)/)
})

test.concurrent('without a baseline it says how to make one', async (context) => {
  const screen = await at(context, fakeDeck(emptyFacts()), 'glass')
  await screen.waitFor('There is no baseline yet.')
  expect(screen.text()).toContain('knowngood baseline create NAME')
  await screen.guarded()
  await screen.press('esc')
  await screen.waitFor('Do next')
})

test.concurrent('a damaged baseline, unreadable backups and backups being looked up are told apart', async (context) => {
  const [first] = baselines
  const deck = glassDeck()
  deck.glass = () => Promise.resolve([])
  const damaged = first && { ...first.baseline, state: 'damaged' as const, because: 'byte 7 does not hold' }
  deck.setFacts({ backups: known(damaged ? [damaged] : [], NOW) })
  const screen = await at(context, deck, 'glass')
  await screen.waitFor('immaculate-3 is damaged: byte 7 does not hold')
  deck.setFacts({ backups: unknown('the folder is locked', 'unlock it', NOW) })
  await screen.waitFor('the folder is locked')
  deck.setFacts({ backups: unknown('', '', NOW) }, ['backups'])
  await screen.waitFor('checking…')
})

test.concurrent('a plan that cannot be made is said, and enter tries again', async (context) => {
  const deck = glassDeck()
  const plan = deck.plan
  deck.plan = () => Promise.reject(new Error('git does not answer'))
  const screen = await at(context, deck, 'glass')
  await screen.waitFor('No plan could be made: git does not answer')
  deck.plan = plan
  await screen.guarded()
  await write(screen, 'x', 'mosaic-production')
  await screen.waitFor('Take the lock')
})
