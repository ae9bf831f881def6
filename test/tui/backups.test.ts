import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { UserError } from '../../src/core/failure.ts'
import { known } from '../../src/core/known.ts'
import { FULL, manyBackups, someBackups } from '../helpers/fake-backups.ts'
import { fakeDeck, keeping, RUN } from '../helpers/fake-deck.ts'
import { backup, candidates, failedRow, NOW, someFacts } from '../helpers/fake-facts.ts'
import { ended, runningRestore } from '../helpers/fake-plans.ts'
import { asked, at, onFull } from '../helpers/on-screen.ts'
import { open } from '../helpers/screen.ts'

const BAD = `bad${'0'.repeat(37)}`

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

test.concurrent('that backups take much room, or fill their volume, stands below the list', async (context) => {
  const deck = keeping()
  const says = ['The backup folders hold 612 MB, more than 500 MB.', 'Their volume is 91 % full, more than 80 %.']
  deck.room = () => says
  const screen = await at(context, deck, 'backups')
  await screen.waitFor('Their volume is 91')
  for (const one of says) expect(screen.text()).toContain(`! ${one}`)
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
