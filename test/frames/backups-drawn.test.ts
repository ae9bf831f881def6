import { expect, test } from 'vitest'
import { FULL } from '../helpers/fake-backups.ts'
import { keeping, RUN } from '../helpers/fake-deck.ts'
import { runningRestore } from '../helpers/fake-plans.ts'
import { frame } from '../helpers/frame.ts'

const sizes = { narrow: { columns: 80, rows: 24 }, wide: { columns: 120, rows: 40 } }
/** Down to the full backup. */
const toFull = ['jjj', 'see:▸ full']

test('the dashboard, with backups that want a look', async () => {
  expect(await frame({ deck: keeping(), shows: 'newest damaged' })).toMatchInlineSnapshot(`
    "
     mosaic / production                                          checked 12:04:31Z
    ────────────────────────────────────────────────────────────────────────────────
      Live     prod-2025-11-18   31d099c   3 d ago by ana       ✓ BUILD_ID matches
      Next     main 9f2c1e0      14 commits, 1 migration        ○ gate not run
      Log      2025-11-18_ps101-qa-mode.md                      3 d ago
      Backups  site      34 d ago  208 MB   readable just now   ✗ newest damaged
               full      3 d ago   5.2 MB   hashed              ! older than 24 h
               release   32 h ago  1.1 MB   readable            ! in doubt
               2 more kinds; B lists every backup
      ! release-20251120_031500Z: database is 1.1 MB, half the size of the last o…

      Do next
    ▸ b  Back up now          full is 3 d old; no backup this session
      g  Run the gate         not run for 9f2c1e0
      d  Deploy               held: no backup this session, gate not run

      History                                                              5 of 14
      ✓  prod-2025-11-18  Tue 03:30     release   4m 12s  ana
      ↩  prod-2025-11-12  12 Nov 17:45  rollback  1m 40s  ana
      ✗  4bd9e11          12 Nov 17:31  patch             ana  stopped at Verify
      ✓  prod-2025-10-30  30 Oct 09:00  release   3m 20s  ana
      ✓  prod-2025-10-28  28 Oct 09:00  release   3m 21s  ben
    ────────────────────────────────────────────────────────────────────────────────
     b backup  g gate  d deploy  r rollback  l logs  / filter  : command  ? keys  q
    "
  `)
})

test('the kinds', async () => {
  expect(await frame({ deck: keeping(), first: 'backup', keys: ['j'], shows: '▸ full' })).toMatchInlineSnapshot(`
    "
     mosaic / production › Back up                                checked 12:04:31Z
    ────────────────────────────────────────────────────────────────────────────────
      Make     last      proof       takes     size
      quick    6 h ago   hashed      0.4 s  no data
    ▸ full     3 d ago   hashed     1m 31s   5.2 MB
      site     34 d ago  readable
      release  32 h ago  readable   1m 52s   1.1 MB
      bundle   none yet
      data     off: no data backup is configured
      dump     none yet
      set      40 d ago  restored   6m 12s   1.1 GB

      Saves    the commit that is live, and every database as it is now
      Best     before a deploy that migrates or touches data
      Risk     what is written after it is lost when it is restored
      Sources  database
      Takes    about 1m 31s and 5.2 MB, as the last one
      Last     full-1763436540000  3 d ago  ✓ hashed

    ────────────────────────────────────────────────────────────────────────────────
     b back up now  n notes  B backups  y copy  : command  esc back  ? keys  q
    "
  `)
})

test('the kinds, wide', async () => {
  const deck = keeping()
  expect(await frame({ deck, first: 'backup', keys: ['j'], shows: '119,206 rows', ...sizes.wide }))
    .toMatchInlineSnapshot(`
      "
       mosaic / production › Back up                                                                        checked 12:04:31Z
      ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
        Make     last      proof       takes     size                      │ The last one that was proven
        quick    6 h ago   hashed      0.4 s  no data                      │ full-1763436540000
      ▸ full     3 d ago   hashed     1m 31s   5.2 MB                      │ Kind     full
        site     34 d ago  readable                                        │ Proof    ✓ hashed
        release  32 h ago  readable   1m 52s   1.1 MB                      │ Made     Tue 03:29, 3 d ago by ana, took 1m 31s
        bundle   none yet                                                  │ Size     5.2 MB
        data     off: no data backup is configured                         │ Commit   31d099c  Open the QA mode to reviewers
        dump     none yet                                                  │ Schema   0007_sessions
        set      40 d ago  restored   6m 12s   1.1 GB                      │ Notes    before the sessions were moved
                                                                           │
        Saves    the commit that is live, and every database as it is      │ A restore
                 now                                                       │ ✓ database: put beside, counted, then swapped in
        Best     before a deploy that migrates or touches data             │ ○ code: comes back by a rollback, never by a
        Risk     what is written after it is lost when it is restored      │   restore
        Sources  database                                                  │ ! loses what was written there since Tue 03:29, 3
        Takes    about 1m 31s and 5.2 MB, as the last one                  │   d
        Last     full-1763436540000  3 d ago  ✓ hashed                     │
                                                                           │ Proofs
                                                                           │ ✓ hashed    Tue 03:29, 3 d ago
                                                                           │
                                                                           │ Kept
                                                                           │ ✓ it stays: the newest hashed one
                                                                           │
                                                                           │ Parts
                                                                           │ database     5.2 MB, 119,206 rows  backups/full/…
                                                                           │ code         9.0 kB  code/backend.tar.gz
                                                                           │
                                                                           │ Left out
                                                                           │ ○ .env holds secret values
                                                                           │
                                                                           │ File
                                                                           │ backups/full/full-1763436540000.json
                                                                           │ sha256
                                                                           │ b5d4045c3f466fa91fe2cc6abe79232a1a57cdf104f7a26e7
                                                                           │ 16e0a1e2789df78
                                                                           │
      ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
       b back up now  n notes  B backups  R refresh  y copy  : command  esc back  ? keys  q
      "
    `)
})

test('the list', async () => {
  expect(await frame({ deck: keeping(), first: 'backups', shows: FULL })).toMatchInlineSnapshot(`
    "
     mosaic / production › Backups                                checked 12:04:31Z
    ────────────────────────────────────────────────────────────────────────────────
      Backups                                                    7 backups, 1.5 GB
    ▸ quick-1763704800000           quick     6 h ago            ✓ hashed
      release-20251120_031500Z      release   32 h ago   1.1 MB  ! in doubt
      site-backup_20251119_033032Z  site      2 d ago    212 MB  ✗ damaged
      full-1763436540000            full      3 d ago    5.2 MB  ✓ hashed
      site-backup_20251018_031500Z  site      34 d ago   208 MB  ✓ readable
      before-31d099c                set       40 d ago   1.1 GB  ✓ restored
      quick-1759136040000           quick     53 d ago           ✗ missing

    ────────────────────────────────────────────────────────────────────────────────
     b backup  v verify  V prove  r restore  enter open  / filter  esc back  ? keys
    "
  `)
})

test('the list with the selected one beside it', async () => {
  const deck = keeping()
  expect(await frame({ deck, first: 'backups', keys: toFull, shows: 'loses what was', ...sizes.wide }))
    .toMatchInlineSnapshot(`
      "
       mosaic / production › Backups                                                                        checked 12:04:31Z
      ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
        Backups                                        7 backups, 1.5 GB   │ full-1763436540000
        quick-1763704800000           6 h ago            ✓ hashed          │ Kind     full
        release-20251120_031500Z      32 h ago   1.1 MB  ! in doubt        │ Proof    ✓ hashed
        site-backup_20251119_033032Z  2 d ago    212 MB  ✗ damaged         │ Made     Tue 03:29, 3 d ago by ana, took 1m 31s
      ▸ full-1763436540000            3 d ago    5.2 MB  ✓ hashed          │ Size     5.2 MB
        site-backup_20251018_031500Z  34 d ago   208 MB  ✓ readable        │ Commit   31d099c  Open the QA mode to reviewers
        before-31d099c                40 d ago   1.1 GB  ✓ restored        │ Schema   0007_sessions
        quick-1759136040000           53 d ago           ✗ missing         │ Notes    before the sessions were moved
                                                                           │
                                                                           │ A restore
                                                                           │ ✓ database: put beside, counted, then swapped in
                                                                           │ ○ code: comes back by a rollback, never by a
                                                                           │   restore
                                                                           │ ! loses what was written there since Tue 03:29, 3
                                                                           │   d
                                                                           │
                                                                           │ Proofs
                                                                           │ ✓ hashed    Tue 03:29, 3 d ago
                                                                           │
                                                                           │ Kept
                                                                           │ ✓ it stays: the newest hashed one
                                                                           │
                                                                           │ Parts
                                                                           │ database     5.2 MB, 119,206 rows  backups/full/…
                                                                           │ code         9.0 kB  code/backend.tar.gz
                                                                           │
                                                                           │ Left out
                                                                           │ ○ .env holds secret values
                                                                           │
                                                                           │ File
                                                                           │ backups/full/full-1763436540000.json
                                                                           │ sha256
                                                                           │ b5d4045c3f466fa91fe2cc6abe79232a1a57cdf104f7a26e7
                                                                           │ 16e0a1e2789df78

      ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
       b backup  v verify  V prove  r restore  p prune  enter open  / filter  y copy  : command  esc back  ? keys  q
      "
    `)
})

test('one backup', async () => {
  const deck = keeping()
  expect(await frame({ deck, first: 'backups', keys: [...toFull, 'enter'], shows: 'it stays' })).toMatchInlineSnapshot(`
    "
     mosaic / production › Backup full-1763436540000              checked 12:04:31Z
    ────────────────────────────────────────────────────────────────────────────────
      full-1763436540000
      Kind     full
      Proof    ✓ hashed
      Made     Tue 03:29, 3 d ago by ana, took 1m 31s
      Size     5.2 MB
      Commit   31d099c  Open the QA mode to reviewers
      Schema   0007_sessions
      Notes    before the sessions were moved

      A restore
      ✓ database: put beside, counted, then swapped in
      ○ code: comes back by a rollback, never by a restore
      ! loses what was written there since Tue 03:29, 3 d

      Proofs
      ✓ hashed    Tue 03:29, 3 d ago

      Kept
      ✓ it stays: the newest hashed one
      … 11 more below
    ────────────────────────────────────────────────────────────────────────────────
     v verify  V prove  r restore  D delete  y copy  : command  esc back  ? keys  q
    "
  `)
})

test('what to put back', async () => {
  const deck = keeping()
  expect(await frame({ deck, first: 'backups', keys: [...toFull, 'r'], shows: '[x]' })).toMatchInlineSnapshot(`
    "
     mosaic / production › Restore                                checked 12:04:31Z
    ────────────────────────────────────────────────────────────────────────────────
      Put back from full-1763436540000                                    ✓ hashed
    ▸ [x]  database  put beside, counted, then swapped in
        -  code      comes back by a rollback, never by a restore

      ! Lost: what was written to database since Tue 03:29, 3 d.
      ○ It was never restored yet: V in the list proves that it can be.
      ○ What stands now is backed up first and kept beside: the restore can be
        swapped back.
      made 3 d ago by ana

    ────────────────────────────────────────────────────────────────────────────────
     space choose  t beside  enter review the plan  : command  esc back  ? keys  q
    "
  `)
})

test('what to put back, wide', async () => {
  const deck = keeping()
  expect(await frame({ deck, first: 'backups', keys: [...toFull, 'r'], shows: '[x]', ...sizes.wide }))
    .toMatchInlineSnapshot(`
      "
       mosaic / production › Restore                                                                        checked 12:04:31Z
      ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
        Put back from full-1763436540000                        ✓ hashed   │ full-1763436540000
      ▸ [x]  database  put beside, counted, then swapped in                │ Kind     full
          -  code      comes back by a rollback, never by a restore        │ Proof    ✓ hashed
                                                                           │ Made     Tue 03:29, 3 d ago by ana, took 1m 31s
        ! Lost: what was written to database since Tue 03:29, 3 d.         │ Size     5.2 MB
        ○ It was never restored yet: V in the list proves that it can      │ Commit   31d099c  Open the QA mode to reviewers
          be.                                                              │ Schema   0007_sessions
        ○ What stands now is backed up first and kept beside: the          │ Notes    before the sessions were moved
          restore can be swapped back.                                     │
        made 3 d ago by ana                                                │ A restore
                                                                           │ ✓ database: put beside, counted, then swapped in
                                                                           │ ○ code: comes back by a rollback, never by a
                                                                           │   restore
                                                                           │ ! loses what was written there since Tue 03:29, 3
                                                                           │   d
                                                                           │
                                                                           │ Proofs
                                                                           │ ✓ hashed    Tue 03:29, 3 d ago
                                                                           │
                                                                           │ Kept
                                                                           │ ✓ it stays: the newest hashed one
                                                                           │
                                                                           │ Parts
                                                                           │ database     5.2 MB, 119,206 rows  backups/full/…
                                                                           │ code         9.0 kB  code/backend.tar.gz
                                                                           │
                                                                           │ Left out
                                                                           │ ○ .env holds secret values
                                                                           │
                                                                           │ File
                                                                           │ backups/full/full-1763436540000.json
                                                                           │ sha256
                                                                           │ b5d4045c3f466fa91fe2cc6abe79232a1a57cdf104f7a26e7
                                                                           │ 16e0a1e2789df78

      ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
       space choose  t beside  enter review the plan  R refresh  : command  esc back  ? keys  q
      "
    `)
})

test('what a prune would remove', async () => {
  expect(await frame({ deck: keeping(), first: 'prune', shows: 'would go' })).toMatchInlineSnapshot(`
    "
     mosaic / production › Prune                                  checked 12:04:31Z
    ────────────────────────────────────────────────────────────────────────────────
      1 backup would go, 208 MB                                             6 stay
    ▸ ✗ goes   site-backup_20251018_031500Z  34 d ago  older than the newest 1
      ✓ stays  quick-1763704800000           6 h ago   one of the newest 1
      ✓ stays  release-20251120_031500Z      32 h ago  one of the newest 1
      ✓ stays  site-backup_20251119_033032Z  2 d ago   damaged: look at it first
      ✓ stays  full-1763436540000            3 d ago   one of the newest 1
      ✓ stays  before-31d099c                40 d ago  one of the newest 1
      ✓ stays  quick-1759136040000           53 d ago  missing: look at it first

      site-backup_20251018_031500Z, 208 MB, goes: older than the newest 1

    ────────────────────────────────────────────────────────────────────────────────
     enter review the plan  R refresh  y copy  : command  esc back  ? keys  q
    "
  `)
})

test('a restore, its bytes counted against those of the last run', async () => {
  const deck = keeping()
  deck.run.set(runningRestore(RUN))
  const text = await frame({ deck, first: RUN, shows: 'Restore beside' })
  expect(text.replace(/[▸⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏](?= {2}Restore beside)/, '*')).toMatchInlineSnapshot(`
    "
     mosaic / production › Restore from full-1763436540000    running 20 s   12:09Z
    ────────────────────────────────────────────────────────────────────────────────
      ✓  Verify the backup        every byte, 5.2 MB                         2.0 s
      ✓  Back up what stands now  full-1763726951000                         4.0 s
      *  Restore beside           █████░░░░░░░  37 %   about 20 s left        12 s
      ○  Swap                     database; the old one is kept
    ── Restore beside ───────────────────── 1.9 MB of 5.2 MB, 163 kB/s, following ──

    ────────────────────────────────────────────────────────────────────────────────
     safe to stop now   s stop  F follow  L full log  y copy  : command  ?  q
    "
  `)
})
