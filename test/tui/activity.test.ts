import { expect, test } from 'vitest'
import { shortened } from '../../src/tui/screens/activity-rows.ts'
import { fakeDeck } from '../helpers/fake-deck.ts'
import { open } from '../helpers/screen.ts'

const GATE =
  'Gate passed: 6732246 · live prod-2026-11-21 · quick backups/quick/quick-backup-1795275033337.json (just now, hashed) · prod backups/prod-2026-11-21.zip (just now, hashed)'

test.each([
  ['Deploy complete: 5921780', 'Deploy complete: 5921780'],
  [GATE, 'Gate passed: 6732246 · live prod-2026-11-21 · 2 more'],
  [
    'Gate item waived: chat @ 6732246 (the chat server is down until noon)',
    'Gate waived: chat (the chat server is down until noon)',
  ],
  [
    'PASS manual confirmation: sign-in walks through commit=b0caeeb by=ana',
    'PASS manual confirmation: sign-in walks through',
  ],
  [
    'Release backup created: release-20261121_150000Z-2 (1.1 GB)',
    'Release created: release-20261121_150000Z-2 (1.1 GB)',
  ],
])('a row keeps what matters of: %s', (says, shown) => {
  expect(shortened(says, 56)).toBe(shown)
})

test('what a row has no room for is one key away at 80 columns', async (context) => {
  const deck = fakeDeck()
  const line = {
    at: '2025-11-21T06:10:00.000Z',
    actor: 'ana',
    event: 'gate',
    outcome: 'passed',
    subject: 'x',
    says: GATE,
  }
  deck.activity = () => Promise.resolve([{ ...line, legacy: false }])
  const screen = open(deck, 80, 24, { first: 'activity' })
  context.onTestFinished(async () => void (await screen.leave()))
  await screen.waitFor('Gate passed: 6732246 · live prod-2026-11-21 · 2 more')
  await screen.press('enter')
  await screen.waitFor('backups/prod-2026-11-21.zip (just now,')
  expect(screen.text()).toMatch(/Written +in the chain/)
  await screen.press('esc')
  await screen.waitFor('1 of 1')
})

test('at 60 columns the tag is whole, and what is only listed is counted', () => {
  expect(shortened(GATE, 30)).toBe('Gate passed: 6732246 · 3 more')
})
