import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, type TestContext } from 'vitest'
import { UserError } from '../../src/core/failure.ts'
import { known } from '../../src/core/known.ts'
import { FULL, fakeKinds, manyBackups, someBackups } from '../helpers/fake-backups.ts'
import { fakeDeck, RUN, runSummary, type FakeDeck } from '../helpers/fake-deck.ts'
import { backup, candidates, failedRow, NOW, someFacts } from '../helpers/fake-facts.ts'
import { ended, runningRestore } from '../helpers/fake-plans.ts'
import { open, type Screen } from '../helpers/screen.ts'

const BAD = `bad${'0'.repeat(37)}`

const asked = (deck: FakeDeck, what: string): unknown[][] => deck.asked.filter(([name]) => name === what)

function keeping(backups = someBackups): FakeDeck {
  const deck = fakeDeck()
  deck.setFacts({ backups: known(backups, NOW) })
  deck.freshMs = (kind) => (kind === 'full' ? 86_400_000 : null)
  return deck
}

async function at(context: TestContext, deck: FakeDeck, first?: string): Promise<Screen> {
  const screen = open(deck, 80, 24, first === undefined ? {} : { first })
  context.onTestFinished(async () => void (await screen.leave()))
  await screen.settle()
  return screen
}

/** The pointer on the full backup: a key counts for the row that is seen. */
async function onFull(screen: Screen): Promise<void> {
  await screen.press('jjj')
  await screen.waitFor(`▸ ${FULL}`)
}

test.concurrent('each kind says what it saves, how long it takes and how large it is', async (context) => {
  const screen = await at(context, keeping(), 'backup')
  await screen.press('j')
  await screen.waitFor('▸ full')
  expect(screen.text()).toContain('Saves    the commit that is live, and every database as it is now')
  await screen.waitFor('Takes    about 1m 31s and 5.2 MB, as the last one')
  expect(screen.text()).toContain(`Last     ${FULL}  3 d ago  ✓ hashed`)
})

test.concurrent('how long a kind takes is said in plain words where none of it was timed', async (context) => {
  const deck = keeping()
  const kinds = fakeKinds().map((kind) => ({ ...kind, expect: { ms: null, bytes: null } }))
  deck.kinds = () => Promise.resolve(kinds)
  const screen = await at(context, deck, 'backup')
  await screen.waitFor('Takes    a few seconds: it copies nothing')
  await screen.press('jj')
  await screen.waitFor('Takes    not known: the last one, 2 d ago, does not say how long it took')
  await screen.press('end', 'k')
  await screen.waitFor('Takes    not known: none was made here yet')
})

test.concurrent('a kind that cannot be made is there, with the reason, and its key is off', async (context) => {
  const deck = keeping()
  const screen = await at(context, deck, 'backup')
  await screen.waitFor('data     off: no data backup is configured')
  await screen.press('jjjjj')
  await screen.waitFor('▸ data')
  await screen.press('b')
  await screen.waitFor('b is off: no data backup is configured.')
  expect(asked(deck, 'start')).toEqual([])
})

test.concurrent('the selected kind starts at once', async (context) => {
  const deck = keeping()
  const screen = await at(context, deck, 'backup')
  await screen.press('j')
  await screen.waitFor('▸ full')
  await screen.press('b')
  expect(asked(deck, 'plan')).toEqual([['plan', { op: 'backup', kind: 'full' }]])
  expect(asked(deck, 'start')).toHaveLength(1)
  await screen.waitFor('Backup started. s stops it.')
})

test.concurrent('a set asks for a name, and has one ready that is not taken', async (context) => {
  const taken = someBackups.map((each) => ({ ...each, id: each.kind === 'set' ? 'before-9f2c1e0' : each.id }))
  const deck = keeping(taken)
  const screen = await at(context, deck, 'backup')
  await screen.press('end')
  await screen.waitFor('▸ set')
  await screen.press('b')
  await screen.waitFor('> before-9f2c1e0-2_')
  await screen.guarded()
  await screen.press('enter')
  await screen.type('before the index')
  await screen.press('enter')
  expect(asked(deck, 'plan')).toEqual([
    ['plan', { op: 'backup', kind: 'set', name: 'before-9f2c1e0-2', notes: 'before the index' }],
  ])
})

test.concurrent('notes come with any kind that is asked with n', async (context) => {
  const deck = keeping()
  const screen = await at(context, deck, 'backup')
  await screen.press('n')
  await screen.guarded()
  await screen.type('end of the day')
  await screen.press('enter')
  expect(asked(deck, 'plan')).toEqual([['plan', { op: 'backup', kind: 'quick', notes: 'end of the day' }]])
})

test.concurrent('Redis comes along only where there is one, and only when asked', async (context) => {
  const deck = keeping()
  const without = await at(context, deck, 'backup')
  await without.press('end')
  expect(without.text()).not.toContain('include Redis')
  await without.press('i')
  await without.waitFor('i is off: no Redis is configured.')

  deck.setFacts({ sources: [{ name: 'cache', use: 'redis', schema: known(null, NOW), detail: {} }] })
  await without.waitFor('left out; i includes it')
  await without.press('i')
  await without.waitFor('included; i leaves it out')
  await without.press('b')
  await without.guarded()
  await without.press('enter')
  await without.press('enter')
  expect(asked(deck, 'plan')).toEqual([
    ['plan', { op: 'backup', kind: 'set', name: 'before-9f2c1e0', includeRedis: true }],
  ])
})

test.concurrent('a held backup says why and starts nothing', async (context) => {
  const deck = keeping()
  const plan = deck.plan
  deck.plan = async (request) => ({
    ...(await plan(request)),
    holds: [{ id: 'room', why: 'there are 12 MB free', fix: 'Make room.' }],
  })
  const screen = await at(context, deck, 'backup')
  await screen.press('b')
  await screen.waitFor('Held: there are 12 MB free. Make room.')
  expect(asked(deck, 'start')).toEqual([])
})

test.concurrent('B lists every backup, from the dashboard and from the Backup screen', async (context) => {
  const screen = await at(context, keeping())
  await screen.press('B')
  await screen.waitFor('7 backups, 1.5 GB')
  await screen.press('b')
  await screen.waitFor('Saves')
  await screen.press('B')
  await screen.waitFor('7 backups, 1.5 GB')
})

test.concurrent('the list is filtered by any word of a backup', async (context) => {
  const screen = await at(context, keeping(), 'backups')
  await screen.press('/')
  await screen.type('sessions moved')
  await screen.waitFor('1 of 7')
  expect(screen.text()).toContain(`▸ ${FULL}`)
  await screen.press('enter')
  await screen.press('esc')
  await screen.waitFor('7 backups')
  await screen.press('/')
  await screen.type('damaged')
  await screen.waitFor('▸ site-backup_20251119_033032Z')
})

test.concurrent('one backup is shown with its parts, its proofs and what a restore of it would do', async (context) => {
  const screen = await at(context, keeping(), 'backups')
  await onFull(screen)
  await screen.press('enter')
  await screen.waitFor('✓ hashed    Tue 03:29, 3 d ago')
  for (const says of [
    '✓ database: put beside, counted, then swapped in',
    '○ code: comes back by a rollback, never by a restore',
    '! loses what was written there since Tue 03:29, 3 d',
    '✓ it stays: the newest hashed one',
  ])
    expect(screen.text()).toContain(says)
  await screen.press('end')
  await screen.waitFor('119,206 rows')
  expect(screen.text()).toContain('○ .env holds secret values')
})

test.concurrent('a manifest stands in the page of its backup, and beside it on a wide terminal', async (context) => {
  const screen = await at(context, keeping(), 'backups')
  await screen.press('end')
  await screen.waitFor('▸ quick-1759136040000')
  await screen.press('k')
  await screen.waitFor('▸ before-31d099c')
  await screen.press('enter')
  await screen.waitFor('more below')
  await screen.press('end')
  await screen.waitFor('createdb restored && pg_restore')
  await screen.resize(120, 40)
  await screen.waitFor(/│ +createdb restored && pg_restore/)
})

test.concurrent('verify and prove are reviewed and start with Y', async (context) => {
  const deck = keeping()
  const screen = await at(context, deck, 'backups')
  await onFull(screen)
  await screen.press('v')
  await screen.guarded()
  expect(asked(deck, 'plan')).toEqual([['plan', { op: 'verify', id: FULL, rung: 'readable' }]])
  await screen.press('enter')
  expect(asked(deck, 'start')).toEqual([])
  await screen.press('esc')
  await screen.waitFor(`▸ ${FULL}`)
  await screen.press('V')
  await screen.guarded()
  expect(asked(deck, 'plan').at(-1)).toEqual(['plan', { op: 'verify', id: FULL, rung: 'restored' }])
  await screen.press('Y')
  expect(asked(deck, 'start')).toEqual([['start', 'verify', {}]])
  deck.run.set(ended(runningRestore(RUN), 0, 'done'))
  await screen.press('esc')
  await screen.waitFor(`▸ ${FULL}`)
})

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
  await screen.type('orders were lost')
  await screen.press('enter')
  await screen.type('mosaic-prod')
  await screen.press('enter')
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
  deck.setFacts({ runs: known([runSummary({ op: 'restore', state: 'ended', exit: 0 })], NOW) })
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

test.concurrent('that backups take much room, or fill their volume, stands below the list', async (context) => {
  const deck = keeping()
  const says = ['The backup folders hold 612 MB, more than 500 MB.', 'Their volume is 91 % full, more than 80 %.']
  deck.room = () => says
  const screen = await at(context, deck, 'backups')
  await screen.waitFor('Their volume is 91')
  for (const one of says) expect(screen.text()).toContain(`! ${one}`)
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
  const again = { done: 1_950_000, total: 5_200_000, basis: 'counted', since: '2025-11-21T12:09:07.000Z' }
  deck.run.set({ ...view, bytes: { 'beside.database': again } })
  await screen.waitFor('1.9 MB of 5.2 MB, 488 kB/s')
  expect(screen.text()).toContain('37 %   about 6.7 s left')
  const more = { done: 6_100_000, total: 5_200_000, basis: 'last run' }
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

test.concurrent('a backup of a release that failed is marked in the list and in its detail', async (context) => {
  const deck = keeping()
  const { history } = deck.facts.get().facts
  deck.setFacts({
    backups: known(
      [{ ...backup('quick', 'quick-1763704900000', NOW, 241, 'hashed'), commit: BAD }, ...someBackups],
      NOW,
    ),
    history: [failedRow(BAD), ...history],
  })
  const screen = await at(context, deck, 'backups')
  await screen.waitFor(/▸ quick-1763704900000 .*! failed release/)
  expect(screen.text()).toMatch(/quick-1763704800000 .*✓ hashed/)
  await screen.press('enter')
  await screen.waitFor('! The release of its commit stopped at Verify live')
})

test.concurrent('the longest name a backup may have is whole on its page at 60×16', async (context) => {
  const name = 'before-the-migration-of-the-conversations-table-to-new-cluster1'
  const deck = keeping([backup('set', name, NOW, 66_000, 'hashed')])
  const screen = open(deck, 60, 16, { first: 'backups' })
  context.onTestFinished(async () => void (await screen.leave()))
  await screen.waitFor('▸ before-the-migratio')
  await screen.press('enter')
  await screen.waitFor('Kind     set')
  const told = screen
    .rows()
    .slice(2)
    .map((row) => row.trim())
  expect(
    told
      .slice(
        0,
        told.findIndex((row) => row.startsWith('Kind')),
      )
      .join(''),
  ).toBe(name)
})

test.concurrent('what failed is the last thing to go back to, and says so', async (context) => {
  const deck = keeping()
  const bad = { ...candidates[1], id: 'quick-1763704900000', commit: BAD, failed: 'stopped at Verify live' }
  const kept = candidates.filter(({ kind }) => kind !== 'tag')
  deck.candidates = () => Promise.resolve([bad as (typeof candidates)[number], ...kept])
  const screen = await at(context, deck, 'rollback')
  await screen.waitFor('▸ quick-1763436600000')
  expect(screen.text()).toMatch(/quick-1763704900000 .*! its release failed/)
  await screen.press('k')
  await screen.waitFor('! The release of bad0000 stopped at Verify live: it was never proven live.')
})

test.concurrent('deleting is offered on one backup alone, and wants what a protected one asks', async (context) => {
  const deck = keeping()
  const screen = await at(context, deck, 'backups')
  await onFull(screen)
  await screen.press('D')
  await screen.press('x')
  expect(asked(deck, 'plan')).toEqual([])
  await screen.press('enter')
  await screen.waitFor('Made')
  await screen.press('D')
  await screen.guarded()
  expect(asked(deck, 'plan')).toEqual([['plan', { op: 'delete', id: FULL }]])
  await screen.press('Y')
  await screen.waitFor('mosaic-production')
  expect(asked(deck, 'start')).toEqual([])
})

test.concurrent('a doubt is confirmed with a reason, and asked for nowhere else', async (context) => {
  const deck = keeping()
  const screen = await at(context, deck, 'backups')
  await screen.press('j')
  await screen.waitFor('▸ release-20251120_031500Z')
  await screen.press('enter')
  await screen.waitFor('! Database is 1.1 MB, half the size')
  await screen.press('c')
  await screen.guarded()
  await screen.press('enter')
  await screen.waitFor('Reason is needed.')
  await screen.type('the archive table was dropped')
  await screen.press('enter')
  expect(asked(deck, 'confirm doubts')).toEqual([
    ['confirm doubts', 'release-20251120_031500Z', 'the archive table was dropped'],
  ])
  expect(asked(deck, 'refresh')).toHaveLength(1)
})

test.concurrent('prune shows a reason for every row before its plan', async (context) => {
  const deck = keeping()
  const screen = await at(context, deck, 'backups')
  await screen.press('p')
  await screen.waitFor('1 backup would go, 208 MB')
  expect(screen.text()).toContain('▸ ✗ goes   site-backup_20251018_031500Z  34 d ago  older than the newest 1')
  expect(screen.text()).toContain('✓ stays  site-backup_20251119_033032Z  2 d ago   damaged: look at it first')
  await screen.press('enter')
  await screen.guarded()
  expect(asked(deck, 'plan')).toEqual([['plan', { op: 'prune', kind: null }]])
  await screen.press('Y')
  expect(asked(deck, 'start')).toEqual([['start', 'prune', {}]])
})

test.concurrent('while something runs, nothing else begins', async (context) => {
  const deck = keeping()
  deck.setFacts({ runs: known([runSummary({ state: 'running' })], NOW) })
  const screen = await at(context, deck, 'backups')
  await onFull(screen)
  await screen.press('r')
  await screen.waitFor('r is off: a deploy is running; one operation at a time.')
})

test.concurrent('a detail that cannot be read says so and takes nothing down', async (context) => {
  const deck = keeping()
  deck.backup = () => Promise.reject(new UserError('the proofs could not be read', 'no permission', []))
  const screen = await at(context, deck, 'backups')
  await onFull(screen)
  await screen.press('enter')
  await screen.waitFor('! the proofs could not be read')
  expect(screen.text()).toContain('before the sessions were moved')
})

test.concurrent('the dashboard says how old the last proven one is, and names every doubt', async (context) => {
  const screen = await at(context, keeping())
  await screen.waitFor('✗ newest damaged')
  expect(screen.text()).toMatch(/site +34 d ago +208 MB +readable just now/)
  expect(screen.text()).toMatch(/full +3 d ago +5.2 MB +hashed +! older than 24 h/)
  expect(screen.text()).toContain('! release-20251120_031500Z: database is 1.1 MB, half the size')
})

test.concurrent('a kind that is to be fresh and is not there is said first', async (context) => {
  const deck = keeping(someBackups.filter((each) => each.kind !== 'full'))
  const screen = await at(context, deck)
  await screen.waitFor(/Backups +full +none yet +! due/)
})

test.concurrent('while backups are looked up, every screen of theirs says so', async (context) => {
  const deck = fakeDeck({ ...someFacts(), backups: { at: NOW, ok: false, because: '', fix: '' } })
  deck.setFacts({}, ['backups'])
  const screen = await at(context, deck, 'backups')
  expect(screen.text()).toContain('checking…')
  await screen.press('b')
  await screen.waitFor('Saves')
  expect(screen.text()).not.toContain('none')
  deck.setFacts({ backups: known(someBackups, NOW) })
  await screen.waitFor('none yet')
  await screen.press('esc')
  await screen.waitFor('7 backups')
})

test('ten thousand backups scroll and filter without a wait', async (context) => {
  const screen = await at(context, keeping(manyBackups(10_000)), 'backups')
  await screen.waitFor('10000 backups')
  const took: number[] = []
  for (const [key, shows] of [
    ['\u001b[F', /▸ quick-1727730271000/],
    ['\u001b[H', /▸ quick-1763726671000/],
    ['\u001b[6~', /▸ quick-1763661871000/],
    ['/', /Backups \/ _/],
    ['9', /Backups \/ 9_/],
  ] as const) {
    const from = performance.now()
    screen.send(key)
    while (!shows.test(screen.text()) && performance.now() - from < 3_000) await sleep(5)
    took.push(performance.now() - from)
  }
  // Generous for a busy machine.
  expect(Math.max(...took)).toBeLessThan(1_000)
})
