import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { known } from '../../src/core/known.ts'
import { baselines, emergencyPlan, glassDeck } from '../helpers/fake-glass.ts'
import { NOW } from '../helpers/fake-facts.ts'
import { faults, open } from '../helpers/screen.ts'

const EVIL =
  '\u001b[2J\u001b[31mevil\u001b]0;owned\u0007\u202egpj.exe\r\nnew row\u0000 日本語日本語日本語日本語 👩‍💻👩‍💻 '.repeat(4)

test.each([
  [60, 16],
  [80, 24],
  [120, 40],
])('hostile names, warnings and writing are inert on break glass at %i×%i', async (columns, rows) => {
  const deck = glassDeck()
  const evil = baselines.map((each) => ({
    ...each,
    sources: [EVIL, 'database'],
    baseline: { ...each.baseline, id: EVIL, commitSubject: EVIL },
  }))
  deck.setFacts({
    backups: known(
      evil.map(({ baseline }) => baseline),
      NOW,
    ),
  })
  deck.glass = () => Promise.resolve(evil)
  deck.plan = (request) => {
    if (request.op !== 'emergency') throw new Error('not asked for')
    const plan = emergencyPlan(request)
    return Promise.resolve({
      ...plan,
      names: { run: EVIL, snapshot: EVIL, sources: `${EVIL}=x` },
      warnings: [EVIL, EVIL],
      loses: [EVIL],
      holds: [{ id: 'x', why: EVIL, fix: EVIL }],
    })
  }
  const screen = open(deck, columns, rows, { first: 'glass' })
  await screen.waitFor('evil')
  await screen.guarded()
  expect(faults(screen, columns, rows)).toEqual([])
  await screen.paste(EVIL)
  await screen.press('enter')
  await screen.paste(EVIL)
  await screen.press('enter')
  expect(faults(screen, columns, rows)).toEqual([])
  expect(deck.asked.filter(([what]) => what === 'start')).toEqual([])
  await screen.press('\u0018')
  await screen.waitFor('Each step only after')
  expect(faults(screen, columns, rows)).toEqual([])
  await screen.leave()
  expect(screen.raw()).not.toContain('\u001b]0;')
  expect(screen.raw()).not.toContain('\u202e')
  expect(screen.raw()).not.toContain('\u001b[2J')
})

test('an ASCII terminal without colour gets ASCII without colour', async () => {
  const screen = open(glassDeck(), 80, 24, { first: 'glass', env: { TERM: 'xterm', LC_ALL: 'C', NO_COLOR: '1' } })
  await screen.waitFor('+ restored 9 d ago')
  await screen.waitFor('disk > baseline')
  expect(screen.text()).toMatch(/^[\n -~]*$/)
  expect(screen.text()).toContain('BREAK GLASS')
  // oxlint-disable-next-line no-control-regex -- a colour
  expect(screen.raw()).not.toMatch(/\u001b\[[0-9;]*3[0-7]m/)
  await screen.leave()
})

test('a screen reader is told what is lost, how to undo it and what is asked, and nothing is repainted', async () => {
  const env = { TERM: 'xterm', LANG: 'C.UTF-8', ACCESSIBLE: '1' }
  const deck = glassDeck()
  const screen = open(deck, 80, 24, { first: 'glass', env })
  const told = async (text: string): Promise<void> => {
    for (let tries = 0; tries < 100 && !screen.raw().includes(text); tries += 1) await sleep(30)
    expect(screen.raw()).toContain(text)
  }
  for (const says of [
    'BREAK GLASS',
    'Loses    everything written since 12 Oct 09:14, 40 d',
    'Undo     knowngood restore --undo emergency-20251121_123312Z-a1b2',
    'Reason (goes in the audit log)',
    'Type   mosaic-production   to restore',
  ])
    await told(says)
  await screen.guarded()
  await screen.press('enter')
  await told('A reason is needed')
  // oxlint-disable-next-line no-control-regex -- what would move the cursor up or erase
  expect(screen.raw()).not.toMatch(/\u001b\[\d*[AFJ]/)
  await screen.leave()
})
