import { expect, test } from 'vitest'
import { known } from '../../src/core/known.ts'
import { fakeDeck, RUN, runSummary, type FakeDeck } from '../helpers/fake-deck.ts'
import { emptyFacts, NOW } from '../helpers/fake-facts.ts'
import { ended, runningDeploy } from '../helpers/fake-plans.ts'
import { faults, open } from '../helpers/screen.ts'

const sizes = [
  [60, 16],
  [80, 24],
  [120, 40],
] as const

type Way = { name: string; first?: string; keys?: string[]; deck?: () => FakeDeck; shows: string }

const interrupted = (): FakeDeck => {
  const deck = fakeDeck()
  deck.setFacts({ runs: known([runSummary()], NOW) })
  return deck
}
const going = (): FakeDeck => {
  const deck = fakeDeck()
  deck.run.set(runningDeploy(RUN))
  return deck
}
const over = (exit: number, failed?: string) => (): FakeDeck => {
  const deck = fakeDeck()
  deck.run.set(ended(runningDeploy(RUN), exit, failed ? 'halted' : 'done', failed))
  return deck
}

const ways: Way[] = [
  { name: 'dashboard', shows: 'Do next' },
  { name: 'dashboard without anything', deck: () => fakeDeck(emptyFacts()), shows: 'Nothing released yet' },
  { name: 'dashboard with an interrupted run', deck: interrupted, shows: 'Settle the deploy' },
  { name: 'backup', first: 'backup', shows: 'Saves' },
  { name: 'gate', first: 'gate', shows: '2 of 4 pass' },
  { name: 'review, held', keys: ['d'], shows: 'Held: 2 things' },
  { name: 'running', first: RUN, deck: going, shows: 'Stamp BUILD_ID' },
  { name: 'ended', first: RUN, deck: over(0), shows: 'done' },
  { name: 'release failed', first: RUN, deck: over(7, 'verify'), shows: 'Live verification failed' },
  { name: 'verify', first: 'verify', shows: 'BUILD_ID matches' },
  { name: 'rollback', first: 'rollback', shows: 'It will' },
  { name: 'logs', first: 'logs', shows: 'ps101 qa mode' },
  { name: 'reader', first: 'logs', keys: ['enter'], shows: 'line 1 of the log' },
  { name: 'activity', first: 'activity', shows: 'Quick backup created' },
  { name: 'interrupted', deck: interrupted, keys: ['enter'], shows: 'What now?' },
  { name: 'keys', keys: ['?'], shows: 'The keys of this place' },
  { name: 'palette', keys: [':'], shows: 'Commands' },
  { name: 'typed confirmation', first: 'rollback', keys: ['enter', 'wait', 'Y'], shows: 'mosaic-production' },
  { name: 'break glass', keys: ['ctrl-g'], shows: 'frozen baseline' },
  { name: 'leave', first: RUN, deck: going, keys: ['q'], shows: 'leaving does not' },
]

test.concurrent.each(ways.flatMap((way) => sizes.map((size) => [way.name, ...size, way] as const)))(
  '%s at %i×%i',
  async (_, columns, rows, way) => {
    const screen = open(way.deck?.() ?? fakeDeck(), columns, rows, way.first ? { first: way.first } : {})
    await screen.settle()
    for (const key of way.keys ?? []) {
      if (key === 'wait') await new Promise((resolve) => setTimeout(resolve, 320))
      else await screen.press(key)
    }
    await screen.waitFor(way.shows)
    const found = faults(screen, columns, rows)
    await screen.leave()
    expect(found).toEqual([])
  },
)
