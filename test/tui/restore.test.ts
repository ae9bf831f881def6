import { expect, test } from 'vitest'
import { known } from '../../src/core/known.ts'
import { withRun } from '../helpers/decks-with-a-run.ts'
import { FULL } from '../helpers/fake-backups.ts'
import { keeping, RUN } from '../helpers/fake-deck.ts'
import { candidates, NOW } from '../helpers/fake-facts.ts'
import { ended, runningRestore } from '../helpers/fake-plans.ts'
import { asked, at, onFull, write } from '../helpers/on-screen.ts'

test.concurrent('a restore wants a source, Y, a reason and the exact name', async (context) => {
  const deck = keeping()
  const screen = await at(context, deck, 'backups')
  await onFull(screen)
  await screen.press('r')
  await screen.waitFor('▸ [x]  database')
  expect(screen.text()).toContain('Lost: what was written to database since Tue 03:29, 3 d.')
  await screen.press('space')
  await screen.waitFor('[ ]  database')
  await screen.press('enter')
  await screen.waitFor('enter is off: no source is chosen')
  await screen.press('j')
  await screen.waitFor('▸   -  code')
  await screen.press('space')
  await screen.waitFor('space is off: code: comes back by a rollback')
  await screen.press('k')
  await screen.waitFor('▸ [ ]  database')
  await screen.press('space')
  await screen.waitFor('▸ [x]  database')
  await screen.press('enter')
  await screen.guarded()
  expect(asked(deck, 'plan')).toEqual([
    ['plan', { op: 'restore', id: FULL, only: [], flushRedis: false, acceptSchema: false }],
  ])
  await screen.press('Y')
  await screen.waitFor('What was written to database since')
  await screen.guarded()
  await write(screen, 'orders were lost', 'mosaic-prod')
  await screen.waitFor('That says mosaic-prod; the name is mosaic-production.')
  expect(asked(deck, 'start')).toEqual([])
  await screen.type('uction')
  await screen.press('enter')
  expect(asked(deck, 'start')).toEqual([
    ['start', 'restore', { review: 'yes', confirm: 'mosaic-production', reason: 'orders were lost' }],
  ])
})

test.concurrent('a restore goes beside into a folder that is typed, and is reviewed first', async (context) => {
  const deck = keeping()
  const screen = await at(context, deck, 'backups')
  await onFull(screen)
  await screen.press('r')
  await screen.waitFor('▸ [x]  database')
  await screen.press('t')
  await screen.waitFor('A folder, from the top of the repository')
  await screen.guarded()
  await screen.type('look/here')
  await screen.press('enter')
  expect(asked(deck, 'plan')).toEqual([['plan', { op: 'restore', id: FULL, only: [], to: 'look/here' }]])
  expect(asked(deck, 'start')).toEqual([])
})

test.concurrent('Redis is flushed with a restore only where there is one, and only when asked', async (context) => {
  const deck = keeping()
  deck.setFacts({ sources: [{ name: 'cache', use: 'redis', schema: known(null, NOW), detail: {} }] })
  const screen = await at(context, deck, 'backups')
  await onFull(screen)
  await screen.press('r')
  await screen.waitFor('Redis is left as it is')
  await screen.press('f')
  await screen.waitFor('Redis is flushed with it')
  await screen.press('enter')
  expect(asked(deck, 'plan').at(-1)).toEqual([
    'plan',
    { op: 'restore', id: FULL, only: [], flushRedis: true, acceptSchema: false },
  ])
})

test.concurrent('across schema revisions a restore is held until S accepts it', async (context) => {
  const deck = keeping()
  const plan = deck.plan
  deck.plan = async (request) => {
    const made = await plan(request)
    const accepted = 'acceptSchema' in request && request.acceptSchema === true
    return accepted ? made : { ...made, holds: [{ id: 'schema', why: 'from 0006 to 0007', fix: 'accept it' }] }
  }
  const screen = await at(context, deck, 'backups')
  await onFull(screen)
  await screen.press('r')
  await screen.press('enter')
  await screen.guarded()
  await screen.waitFor('From 0006 to 0007')
  await screen.press('S')
  expect(asked(deck, 'plan').at(-1)).toMatchObject(['plan', { op: 'restore', acceptSchema: true }])
  await screen.waitFor('Y go')
})

test.concurrent('what cannot be put back says why', async (context) => {
  const screen = await at(context, keeping(), 'backups')
  await screen.press('r')
  await screen.waitFor('r is off: a quick backup holds no data')
  await screen.press('jj')
  await screen.waitFor('▸ site-backup_20251119')
  await screen.press('r')
  await screen.waitFor('r is off: it is damaged: byte 8,121')
})

test.concurrent('a restore that is done can be swapped back, from its own page and from a backup', async (context) => {
  const deck = keeping()
  deck.run.set(ended(runningRestore(RUN), 0, 'done'))
  const screen = await at(context, deck, RUN)
  await screen.waitFor('u reviews swapping back what it replaced')
  await screen.press('u')
  expect(asked(deck, 'plan')).toEqual([['plan', { op: 'restore', undo: RUN }]])
  withRun(deck, { op: 'restore', state: 'ended', exit: 0 })
  await screen.guarded()
  await screen.press('esc')
  await screen.waitFor('u reviews swapping back')
  await screen.press('esc')
  await screen.waitFor('Do next')
  await screen.press('B')
  await screen.waitFor('7 backups')
  await screen.press('enter')
  await screen.waitFor('u undo')
  await screen.press('u')
  expect(asked(deck, 'plan').at(-1)).toEqual(['plan', { op: 'restore', undo: RUN }])
})

test.concurrent('what a restore kept is named below the list, and x reviews removing it', async (context) => {
  const deck = keeping()
  const copies = [
    { run: RUN, at: '2025-11-18T12:00:00.000Z', what: ['database', `uploads.before-${RUN}`], bytes: 12_000 },
  ]
  deck.kept = () => Promise.resolve(copies)
  const screen = await at(context, deck, 'backups')
  await screen.waitFor('○ Kept from a restore 3 d ago: 2 things, 12 kB of files. x removes it.')
  await screen.press('x')
  await screen.waitFor('Y go')
  expect(asked(deck, 'plan')).toEqual([['plan', { op: 'restore', forget: RUN }]])
  expect(asked(deck, 'start')).toEqual([])
  await screen.guarded()
  await screen.press('esc')
  copies.length = 0
  deck.setFacts({ runs: known([], NOW) })
  await screen.waitFor(/^(?![\s\S]*Kept from)/)
  await screen.press('x')
  await screen.waitFor('x is off: no restore keeps anything.')
})

test.concurrent('what a restore kept can be removed from the page of its run, after a review', async (context) => {
  const deck = keeping()
  deck.run.set(ended(runningRestore(RUN), 0, 'done'))
  const screen = await at(context, deck, RUN)
  await screen.waitFor('x removing that')
  await screen.press('x')
  await screen.waitFor('Y go')
  expect(asked(deck, 'plan')).toEqual([['plan', { op: 'restore', forget: RUN }]])
})

test.concurrent('a restore beside has nothing to swap back', async (context) => {
  const deck = keeping()
  const view = runningRestore(RUN)
  const steps = view.plan.steps.filter(({ id }) => !id.startsWith('swap.'))
  deck.run.set(ended({ ...view, plan: { ...view.plan, steps } }, 0, 'done'))
  const screen = await at(context, deck, RUN)
  await screen.waitFor('done')
  expect(screen.text()).not.toContain('swapping back')
  await screen.press('u')
  await screen.waitFor('only a restore that is done can be swapped back')
  expect(asked(deck, 'plan')).toEqual([])
})

test.concurrent('progress is in bytes, with its rate and what is left; a second pass counts from its own start', async (context) => {
  const deck = keeping()
  const view = runningRestore(RUN)
  deck.run.set(view)
  const screen = await at(context, deck, RUN)
  await screen.waitFor('1.9 MB of 5.2 MB, 163 kB/s')
  expect(screen.text()).toContain('37 %   about 20 s left')
  const again = { done: 1_950_000, total: 5_200_000, basis: 'counted' as const, since: '2025-11-21T12:09:07.000Z' }
  deck.run.set({ ...view, bytes: { 'beside.database': again } })
  await screen.waitFor('1.9 MB of 5.2 MB, 488 kB/s')
  expect(screen.text()).toContain('37 %   about 6.7 s left')
  const more = { done: 6_100_000, total: 5_200_000, basis: 'last run' as const }
  deck.run.set({ ...view, bytes: { 'beside.database': more } })
  await screen.waitFor('more than the last time')
})

test.concurrent('a rollback takes the data of its backup along only when asked', async (context) => {
  const deck = keeping()
  deck.candidates = () =>
    Promise.resolve(candidates.map((each, index) => (index === 1 ? { ...each, data: ['database'] } : each)))
  const screen = await at(context, deck, 'rollback')
  await screen.waitFor('It will')
  await screen.press('t')
  await screen.waitFor('t is off: prod-2025-11-12 holds no data that could be put back.')
  await screen.press('j')
  await screen.waitFor('It holds database as well; t puts that back too.')
  await screen.press('t')
  await screen.waitFor('! database as of then, too')
  await screen.waitFor('Prove its')
  expect(asked(deck, 'plan').at(-1)).toEqual(['plan', { op: 'rollback', to: 'quick-1763436600000', withData: true }])
  await screen.press('enter')
  await screen.waitFor('Y go')
  expect(asked(deck, 'plan').at(-1)).toEqual(['plan', { op: 'rollback', to: 'quick-1763436600000', withData: true }])
})

test.concurrent('while something runs, nothing else begins', async (context) => {
  const deck = withRun(keeping(), { state: 'running' })
  const screen = await at(context, deck, 'backups')
  await onFull(screen)
  await screen.press('r')
  await screen.waitFor('r is off: a deploy is running; one operation at a time.')
})
