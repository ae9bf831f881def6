import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { KINDS } from '../../src/core/kinds.ts'
import { known } from '../../src/core/known.ts'
import { someBackups } from '../helpers/fake-backups.ts'
import { fakeDeck, RUN } from '../helpers/fake-deck.ts'
import { backup, gateItem, NEXT, NOW } from '../helpers/fake-facts.ts'
import { lineEvent, runningDeploy } from '../helpers/fake-plans.ts'
import { aVoice, told } from '../helpers/on-screen.ts'
import { faults, open } from '../helpers/screen.ts'

const EVIL =
  '\u001b[2J\u001b[31mevil\u001b]0;owned\u0007\u202egpj.exe\r\nnew row\u0000 日本語日本語日本語日本語日本語日本語 👩‍💻👩‍💻 '.repeat(
    4,
  )

test.each([
  [60, 16],
  [80, 24],
  [120, 40],
])('hostile and wide text is inert and stays inside %i×%i', async (columns, rows) => {
  const deck = fakeDeck()
  const { facts } = deck.facts.get()
  const history = facts.history.map((row) => ({ ...row, name: EVIL, by: EVIL, note: EVIL }))
  const items = [gateItem('a', EVIL, { look: EVIL, why: EVIL, output: [EVIL] }), gateItem('b', EVIL)]
  deck.setFacts({
    history,
    drift: [EVIL],
    deployHolds: [{ id: 'x', why: EVIL, fix: EVIL, key: 'b' }],
    gate: known({ commit: NEXT, state: 'open', startedAt: null, passedAt: null, expiresAt: null, items }, NOW),
    logs: known(facts.logs.ok ? facts.logs.value.map((log) => ({ ...log, title: EVIL, file: EVIL })) : [], NOW),
  })
  const view = runningDeploy(RUN)
  deck.run.set({ ...view, events: [lineEvent(RUN, 1, EVIL)] })
  deck.candidates = () =>
    Promise.resolve([
      {
        id: EVIL,
        kind: 'tag',
        at: NOW,
        commit: NEXT,
        subject: EVIL,
        ranMs: 1,
        undoes: [EVIL],
        schema: { verdict: 'same', from: null, to: null },
        rung: 'hashed',
        offered: false,
        because: EVIL,
      },
    ])
  const evil = { ...backup('full', EVIL, NOW, 1e9, 'hashed'), notes: EVIL, path: EVIL, leftOut: [EVIL], doubts: [EVIL] }
  const part = { source: EVIL, use: EVIL, path: EVIL, bytes: 1, sha256: EVIL, counts: { [EVIL]: 1 }, unsettled: [EVIL] }
  const listed = [
    { ...evil, parts: [part] },
    { ...evil, id: `${EVIL}2`, state: 'damaged' as const, because: EVIL, kind: 'set' as const },
  ]
  deck.setFacts({ backups: known(listed, NOW) })
  deck.backup = (id) =>
    Promise.resolve({
      backup: listed.find((each) => each.id === id) ?? listed[0] ?? evil,
      proofs: [{ backup: id, digest: '', part: EVIL, rung: 'hashed', at: EVIL, passed: false, because: EVIL, ms: 0 }],
      manifest: [EVIL, EVIL],
      restores: [{ source: EVIL, can: true, why: EVIL }],
      stays: EVIL,
    })
  deck.kinds = () =>
    Promise.resolve([
      { spec: KINDS.full, sources: [EVIL], off: null, expect: { ms: 1, bytes: 1 } },
      { spec: KINDS.data, sources: [], off: EVIL, expect: { ms: null, bytes: null } },
    ])
  deck.log = () => Promise.resolve([EVIL, EVIL])
  const screen = open(deck, columns, rows)
  await screen.settle()
  for (const keys of [
    [],
    ['d'],
    ['esc', 'g'],
    ['esc', 'l'],
    ['enter'],
    ['esc', 'esc', 'r'],
    ['esc', 'b'],
    ['j'],
    ['B'],
    ['j'],
    ['enter'],
    ['esc', 'k', 'r'],
    ['enter'],
    ['esc', 'esc', 'p'],
    ['esc', 'esc', 'esc', 'down', 'down', 'down', 'down'],
  ]) {
    await screen.press(...keys)
    await sleep(60)
    expect([keys, faults(screen, columns, rows)]).toEqual([keys, []])
  }
  await screen.leave()
  const running = open(deck, columns, rows, { first: RUN })
  await running.waitFor('evil')
  expect(faults(running, columns, rows)).toEqual([])
  await running.leave()
  for (const raw of [screen.raw(), running.raw()]) {
    expect(raw).not.toContain('\u001b]0;')
    expect(raw).not.toContain('\u202e')
    // The deck itself clears from the cursor on, never the whole terminal.
    expect(raw).not.toContain('\u001b[2J')
  }
})

test('an ASCII terminal gets ASCII, in the same columns', async () => {
  const env = { TERM: 'xterm', LC_ALL: 'C' }
  const plain = open(fakeDeck(), 80, 24, { env })
  const full = open(fakeDeck(), 80, 24)
  await plain.waitFor('Do next')
  await full.waitFor('Do next')
  expect(plain.text()).toMatch(/^[\n -~]*$/)
  expect(plain.rows().map((row) => row.length)).toEqual(full.rows().map((row) => row.length))
  expect(plain.text()).toContain('> b  Back up now')
  expect(plain.text()).toContain('+ BUILD_ID matches')
  await plain.leave()
  await full.leave()
})

test.each(['backup', 'backups', 'prune'])('an ASCII terminal gets ASCII on the screen %s too', async (first) => {
  const deck = fakeDeck()
  deck.setFacts({ backups: known(someBackups, NOW) })
  const screen = open(deck, 80, 24, { first, env: { TERM: 'xterm', LC_ALL: 'C', NO_COLOR: '1' } })
  await screen.waitFor(/^> /m)
  expect(screen.text()).toMatch(/^[\n -~]*$/)
  // oxlint-disable-next-line no-control-regex -- a colour
  expect(screen.raw()).not.toMatch(/\u001b\[[0-9;]*3[0-7]m/)
  await screen.leave()
})

test('a screen reader is told the whole of a restore: what is chosen, what is lost, what is proven', async () => {
  const deck = fakeDeck()
  deck.setFacts({ backups: known(someBackups, NOW) })
  const screen = open(deck, 80, 24, { first: 'backups', env: aVoice })
  await screen.settle()
  await screen.press('jjj')
  await told(screen, '▸ full-1763436540000')
  await screen.press('r')
  await told(screen, '[x]  database')
  await screen.press('enter')
  for (const says of [
    'Lost: what was written to database since Tue 03:29, 3 d.',
    '✓ it stays: the newest hashed one',
    'Restore beside',
  ])
    await told(screen, says)
  // oxlint-disable-next-line no-control-regex -- what would move the cursor up or erase
  expect(screen.raw()).not.toMatch(/\u001b\[\d*[AFJ]/)
  await screen.leave()
})

test('a screen reader is told lines, and nothing is repainted', async () => {
  const deck = fakeDeck()
  const screen = open(deck, 80, 24, { env: aVoice })
  await screen.settle()
  expect(screen.raw()).toContain('Do next')
  const before = screen.raw().length
  await screen.press('l')
  const added = screen.raw().slice(before)
  expect(added).toContain('ps101 qa mode')
  expect(screen.raw()).not.toContain('\u001b[?1049h')
  // oxlint-disable-next-line no-control-regex -- what would move the cursor up or erase
  expect(screen.raw()).not.toMatch(/\u001b\[\d*[AFJ]/)
  await screen.leave()
})
