import { expect, test } from 'vitest'
import { frame } from '../helpers/frame.ts'
import { glassDeck } from '../helpers/fake-glass.ts'

test('break glass', async () => {
  const keys = ['wait', ...'sessions corrupt', 'enter', ...'mosaic-prod', 'enter']
  const deck = glassDeck()
  expect(await frame({ first: 'glass', shows: 'That says', deck, keys })).toMatchInlineSnapshot(`
    "
     BREAK GLASS  mosaic / production                  you are ana@laptop    12:09Z
    ════════════════════════════════════════════════════════════════════════════════
      Restore production from a frozen baseline. Gate is skipped, lock taken.

      From     immaculate-3   40 d ago   1.1 GB   ✓ restored 9 d ago   1 of 2
      Loses    everything written since 12 Oct 09:14, 40 d
               The code goes back to 31d099c, Open the QA mode to reviewers.
      First    what is live now is kept as pre-emergency-20251121_123312Z
      Undo     knowngood restore --undo emergency-20251121_123312Z-a1b2
      Takes    about 6 min (measured in the last rehearsal)

      Chain    disk → baseline → snapshot → restore → code → verify
      Parts    [x] database  [x] cache  [x] code   ctrl-t chooses

      Reason (goes in the audit log)   sessions corrupt
      Type   mosaic-production   to restore
    ▸      > mosaic-prod_
      That says mosaic-prod; the name is mosaic-production.

    ════════════════════════════════════════════════════════════════════════════════
     tab field  ctrl-o other baseline  ctrl-x print  esc leave, nothing has changed
    "
  `)
})

test('break glass on a wide terminal', async () => {
  const deck = glassDeck()
  expect(await frame({ first: 'glass', shows: 'Swap cache in', deck, keys: ['wait'], columns: 120, rows: 40 }))
    .toMatchInlineSnapshot(`
    "
     BREAK GLASS  mosaic / production                                                          you are ana@laptop    12:09Z
    ════════════════════════════════════════════════════════════════════════════════════════════════════════════════════════
      Restore production from a frozen baseline. No gate; lock taken.    │ What was written to database since 2025-10-12
                                                                         │ 09:14 UTC (40 d) is no longer live.
      From     immaculate-3   40 d ago   ✓ restored 9 d ago   1 of 2     │ What was written to cache since 2025-10-12 09:14
      Loses    everything written since 12 Oct 09:14, 40 d               │ UTC (40 d) is no longer live.
               The code goes back to 31d099c, Open the QA mode to        │ The code goes back to 31d099c, Open the QA mode
               reviewers.                                                │ to reviewers.
      First    kept as pre-emergency-20251121_123312Z                    │
      Undo     knowngood restore --undo emergency-20251121_123312Z-a1b2  │ Take the lock
      Takes    about 6 min (measured in the last rehearsal)              │   echo lock
                                                                         │ Look for room
      Chain    disk → baseline → snapshot → restore → code → verify      │   echo room
      Parts    [x] database  [x] cache  [x] code   ctrl-t chooses        │ Look at the baseline
                                                                         │   echo witness
    ▸ Reason (goes in the audit log)   _                                 │ Back up
      Type   mosaic-production   to restore                              │   echo backup
           >                                                             │ Swap database in
                                                                         │   echo swap.database
                                                                         │ Swap cache in
                                                                         │   echo swap.cache
                                                                         │ Push the code
                                                                         │   echo target.git-push
                                                                         │ Verify live
                                                                         │   echo verify

    ════════════════════════════════════════════════════════════════════════════════════════════════════════════════════════
     tab field  ctrl-o other baseline  ctrl-x print  ctrl-t only…  ctrl-d keep data  esc leave, nothing has changed
    "
  `)
})

test('break glass on the smallest terminal', async () => {
  const deck = glassDeck()
  expect(await frame({ first: 'glass', shows: 'Undo', deck, keys: ['wait'], columns: 60, rows: 16 }))
    .toMatchInlineSnapshot(`
    "
     BREAK GLASS  mosaic / produc… you are ana@laptop    12:09Z
    ════════════════════════════════════════════════════════════
      From     immaculate-3   40 d ago   ✓ restored 9 d ago
      Loses    everything written since 12 Oct 09:14, 40 d
               The code goes back to 31d099c, Open the QA mode
               to reviewers.
      First    kept as pre-emergency-20251121_123312Z
      Undo     restore --undo emergency-20251121_123312Z-a1b2
      Takes    about 6 min (measured in the last rehearsal)
      Chain    disk→baseline→snapshot→restore→code→verify
      Parts    [x] database  [x] cache  [x] code
    ▸ Reason   _
      Type   mosaic-production   to restore
           >
    ════════════════════════════════════════════════════════════
     tab field  ctrl-x print  esc leave, nothing has changed
    "
  `)
})

test('warnings that do not all fit are counted, and stand at the top of the commands', async () => {
  const deck = glassDeck()
  const { plan } = deck
  const warnings = ['The lock of ben@desk is taken over: a deploy, run deploy-1.', 'No services are configured.']
  deck.plan = async (request) => ({ ...(await plan(request)), warnings })
  const small = await frame({ first: 'glass', shows: 'Undo', deck, keys: ['wait'], columns: 60, rows: 16 })
  expect(small).toContain('! 2 things to mind; ctrl-x lists them')
  const all = await frame({ first: 'glass', shows: 'Undo', deck, keys: ['wait'], columns: 80, rows: 24 })
  expect(all).toContain('! The lock of ben@desk is taken over: a deploy, run deploy-1.')
  const printed = await frame({ first: 'glass', shows: 'by hand', deck, keys: ['wait', '\u0018'] })
  expect(printed).toContain('# Mind: No services are configured.')
})

test('one warning that is longer than its row is not cut in the middle, but said to be there', async () => {
  const deck = glassDeck()
  const { plan } = deck
  const warnings = ['No services are configured: what writes meanwhile is not stopped.']
  deck.plan = async (request) => ({ ...(await plan(request)), warnings })
  const small = await frame({ first: 'glass', shows: 'Undo', deck, keys: ['wait'], columns: 60, rows: 16 })
  expect(small).toContain('! one thing to mind; ctrl-x says it')
  const wide = await frame({ first: 'glass', shows: 'Undo', deck, keys: ['wait'] })
  expect(wide).toContain('what writes meanwhile is not stopped.')
})
