import { expect, test, type TestContext } from 'vitest'
import { known } from '../../src/core/known.ts'
import { fakeDeck, type FakeDeck } from '../helpers/fake-deck.ts'
import { backup, NOW, someFacts } from '../helpers/fake-facts.ts'
import { frame } from '../helpers/frame.ts'
import { open } from '../helpers/screen.ts'

function due(): FakeDeck {
  const deck = fakeDeck()
  const frozen = {
    ...backup('baseline', 'immaculate-3', '2025-10-12T09:14:00Z', 1_100_000_000, 'restored'),
    provenAt: '2025-11-12T09:00:00Z',
  }
  deck.setFacts({
    backups: known([frozen], NOW),
    drills: [
      { kind: 'spot', lastAt: '2025-10-26T12:00:00Z', dueAt: '2025-11-25T13:00:00Z', overdueMs: 0 },
      { kind: 'full', lastAt: '2025-08-11T12:00:00Z', dueAt: '2025-11-09T12:00:00Z', overdueMs: 1_037_000_000 },
    ],
    mirrors: [
      { to: 'gdrive:mosaic', lacks: [], holds: 14, lastAt: '2025-11-21T06:00:00Z', stale: false },
      { to: '/mnt/nas/mosaic', lacks: ['a', 'b'], holds: 3, lastAt: '2025-11-18T06:00:00Z', stale: true },
    ],
  })
  return deck
}

test('the dashboard says when drills are due, how far mirrors are behind, and that the baseline is frozen', async () => {
  expect(await frame({ shows: 'History', deck: due() })).toMatchInlineSnapshot(`
    "
     mosaic / production                                          checked 12:04:31Z
    ────────────────────────────────────────────────────────────────────────────────
      Live     prod-2025-11-18   31d099c   3 d ago by ana       ✓ BUILD_ID matches
      Next     main 9f2c1e0      14 commits, 1 migration        ○ gate not run
      Log      2025-11-18_ps101-qa-mode.md                      3 d ago
      Backups  baseline  40 d ago  1.1 GB   restored 9 d ago    ✓ frozen
      Drills   spot in 4 d · full                               ! 12 d overdue
      Mirrors  gdrive:mosaic   6 h ago   holds 14               ✓ up to date
               /mnt/nas/mosaic   3 d ago   holds 3              ! lacks 2 backups

      Do next
    ▸ b  Back up now          no backup this session
      g  Run the gate         not run for 9f2c1e0
      d  Deploy               held: no backup this session, gate not run

      History                                                              6 of 14
      ✓  prod-2025-11-18  Tue 03:30     release   4m 12s  ana
      ↩  prod-2025-11-12  12 Nov 17:45  rollback  1m 40s  ana
      ✗  4bd9e11          12 Nov 17:31  patch             ana  stopped at Verify
      ✓  prod-2025-10-30  30 Oct 09:00  release   3m 20s  ana
      ✓  prod-2025-10-28  28 Oct 09:00  release   3m 21s  ben
      ✓  prod-2025-10-26  26 Oct 09:00  release   3m 22s  ana
    ────────────────────────────────────────────────────────────────────────────────
     b backup  g gate  d deploy  r rollback  l logs  / filter  : command  ? keys  q
    "
  `)
})

test('on a narrow terminal too', async () => {
  const text = await frame({ shows: 'Do next', deck: due(), columns: 60, rows: 16 })
  expect(text).toMatch(/Drills {3}spot in 4 d · full +! 12 d overdue/)
})

async function quiet(context: TestContext, deck: FakeDeck) {
  const { git } = someFacts()
  deck.setFacts({ git: git.ok ? known({ ...git.value, ahead: 0 }, NOW) : git, deployHolds: [] })
  const screen = open(deck, 80, 24)
  context.onTestFinished(async () => void (await screen.leave()))
  await screen.settle()
  return screen
}

test('enter on an overdue drill shows how the drills stand', async (context) => {
  const screen = await quiet(context, due())
  await screen.waitFor('Drill a restore')
  await screen.press('j', 'enter')
  await screen.waitFor('output of drill status')
})

test('enter on a missing baseline shows what to do about it', async (context) => {
  const screen = await quiet(context, fakeDeck())
  await screen.waitFor('Make a baseline')
  await screen.press('j', 'enter')
  await screen.waitFor('There is no baseline yet.')
})
