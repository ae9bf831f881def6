import { expect, test } from 'vitest'
import { going } from '../helpers/decks-with-a-run.ts'
import { fakeDeck, RUN } from '../helpers/fake-deck.ts'
import { frame } from '../helpers/frame.ts'

test('the dashboard', async () => {
  expect(await frame({ shows: 'History' })).toMatchInlineSnapshot(`
    "
     mosaic / production                                          checked 12:04:31Z
    ────────────────────────────────────────────────────────────────────────────────
      Live     prod-2025-11-18   31d099c   3 d ago by ana       ✓ BUILD_ID matches
      Next     main 9f2c1e0      14 commits, 1 migration        ○ gate not run
      Log      2025-11-18_ps101-qa-mode.md                      3 d ago
      Backups  quick     6 h ago   no data  hashed              ○ earlier session
               site      41 d ago  1.1 GB   found               ○ not verified
               prod      3 d ago   5.2 MB   hashed              ✓ proven

      Do next
    ▸ b  Back up now          no backup this session
      g  Run the gate         not run for 9f2c1e0
      d  Deploy               held: no backup this session, gate not run

      History                                                              7 of 14
      ✓  prod-2025-11-18  Tue 03:30     release   4m 12s  ana
      ↩  prod-2025-11-12  12 Nov 17:45  rollback  1m 40s  ana
      ✗  4bd9e11          12 Nov 17:31  patch             ana  stopped at Verify
      ✓  prod-2025-10-30  30 Oct 09:00  release   3m 20s  ana
      ✓  prod-2025-10-28  28 Oct 09:00  release   3m 21s  ben
      ✓  prod-2025-10-26  26 Oct 09:00  release   3m 22s  ana
      ✓  prod-2025-10-24  24 Oct 09:00  release   3m 23s  ben
    ────────────────────────────────────────────────────────────────────────────────
     b backup  g gate  d deploy  r rollback  l logs  / filter  : command  ? keys  q
    "
  `)
})

test('the gate', async () => {
  expect(await frame({ first: 'gate', shows: 'Sign-in' })).toMatchInlineSnapshot(`
    "
     mosaic / production › Gate for 9f2c1e0                       checked 12:04:31Z
    ────────────────────────────────────────────────────────────────────────────────
      ✓  Clean tree             passed, 0.2 s                                 auto
      ✓  Pre-push verification  passed, 41 s                                  auto
    ▸ ○  Sign-in walks through  screenshot or URL required                  manual
      ○  Chat answers           evidence required                           manual

      Sign-in walks through
      Open the unique deploy URL, sign in as the QA user, and see the dashboard.
      Why: the 2025-11-12 release shipped a broken session cookie.
      Evidence: a screenshot file or a URL. Paste or type a path.

    ────────────────────────────────────────────────────────────────────────────────
     2 of 4 pass  space confirm  f fail  e evidence  w waive  R recheck  esc  ? keys
    "
  `)
})

test('the rollback', async () => {
  expect(await frame({ first: 'rollback', shows: 'Prove its' })).toMatchInlineSnapshot(`
    "
     mosaic / production › Roll back                           live prod-2025-11-18
    ────────────────────────────────────────────────────────────────────────────────
      Go back to …                                undoes      database
    ▸ prod-2025-11-12      12 Nov 11:02  ran 6 d  1 release   same schema
      quick-1763436600000  Tue 03:29     quick    1 release   same schema
      prod-2025-11-09      9 Nov 16:20   ran 3 d  2 releases  ! schema differs
      quick-1762679520000  9 Nov 09:12   quick    not offered: its record has a fl…

      ! prod-2025-11-18 is no longer live
      This will restore to prod-2025-11-12, as of 12 Nov 11:02. It will
        1  Back up what is live now                so that this can be undone
        2  Push a commit with the tree of 7c1aa02  to main, and deploy… about 40 s
        3  Prove its BUILD_ID is live              move prod-current

      7c1aa02  Fix the session cookie

    ────────────────────────────────────────────────────────────────────────────────
     c compare  enter review the plan  / filter  : command  esc back  ? keys  q
    "
  `)
})

test('the running deploy', async () => {
  const deck = going(fakeDeck())
  const text = await frame({ first: RUN, shows: 'netlify', deck })
  expect(text.replace(/[▸⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏](?= {2}netlify {4})/, '*')).toMatchInlineSnapshot(`
    "
     mosaic / production › Deploy 9f2c1e0                   running 2m 41s   12:09Z
    ────────────────────────────────────────────────────────────────────────────────
      ✓  Lock                   refs/knowngood/lock                          0.4 s
      ✓  Back up                release-20251121_120711Z                    1m 52s
         ✓  database            pg_dump, 1.8 GB, 214 tables counted         1m 31s
         ✓  code                3 parts                                       21 s
      ▸  Deploy                                                               44 s
         ✓  Stamp BUILD_ID      mosaic_ui/index.html                         0.3 s
         *  netlify             ███████░░░░░  61 %   about 20 s left          31 s
      ○  Verify live            3 reads of https://mosaic.example/
      ○  Certify                tag prod-2025-11-21, prod-current, log, record
    ── netlify ──────────────────────────────────────────────────────── following ──
      12:09:10  406 of 671 files
      12:09:11  412 of 671 files

    ────────────────────────────────────────────────────────────────────────────────
     safe to stop before: Certify   s stop  F follow  L full log  : command  ?  q
    "
  `)
})
