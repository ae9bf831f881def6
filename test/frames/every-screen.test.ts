import { expect, test } from 'vitest'
import { unknown } from '../../src/core/known.ts'
import { going, interrupted } from '../helpers/decks-with-a-run.ts'
import { brokenConfig, fakeDeck, keeping, RUN, type FakeDeck } from '../helpers/fake-deck.ts'
import { emptyFacts, NOW } from '../helpers/fake-facts.ts'
import { ended, runningDeploy, runningRestore } from '../helpers/fake-plans.ts'
import { follow } from '../helpers/frame.ts'
import { faults, open } from '../helpers/screen.ts'

const sizes = [
  [60, 16],
  [80, 24],
  [120, 40],
] as const

type Way = { name: string; first?: string; keys?: string[]; deck?: () => FakeDeck; shows: string }

const unreadable = (): FakeDeck => {
  const deck = fakeDeck()
  deck.setFacts({ backups: unknown('the folder is locked', 'unlock it', NOW) })
  return deck
}
const broken = (): FakeDeck => {
  const deck = fakeDeck()
  deck.broken = brokenConfig
  return deck
}
const restoring = (): FakeDeck => {
  const deck = fakeDeck()
  deck.run.set(runningRestore(RUN))
  return deck
}
const over = (exit: number, failed?: string) => (): FakeDeck => {
  const deck = fakeDeck()
  deck.run.set(ended(runningDeploy(RUN), exit, failed ? 'halted' : 'done', failed))
  return deck
}

const toFull = ['jjj', 'see:▸ full']

const ways: Way[] = [
  { name: 'dashboard', shows: 'Do next' },
  { name: 'dashboard without anything', deck: () => fakeDeck(emptyFacts()), shows: 'Nothing released yet' },
  { name: 'dashboard with an interrupted run', deck: interrupted, shows: 'Settle the deploy' },
  { name: 'backup', first: 'backup', shows: 'Saves' },
  { name: 'backup with a name', first: 'backup', keys: ['end', 'see:▸ set', 'b'], shows: 'before-9f2c1e0' },
  { name: 'backups', first: 'backups', deck: keeping, shows: 'full-1763436540000' },
  { name: 'backups without any', first: 'backups', deck: () => fakeDeck(emptyFacts()), shows: 'b makes the first' },
  { name: 'backups, unreadable', first: 'backups', deck: unreadable, shows: 'the folder is locked' },
  { name: 'one backup', first: 'backups', deck: keeping, keys: [...toFull, 'enter'], shows: 'before the sessions' },
  { name: 'one damaged', first: 'backups', deck: keeping, keys: ['jj', 'see:▸ site', 'enter'], shows: 'does not hold' },
  {
    name: 'one missing',
    first: 'backups',
    deck: keeping,
    keys: ['end', 'see:▸ quick-1759', 'enter'],
    shows: 'not in this clone',
  },
  { name: 'restore', first: 'backups', deck: keeping, keys: [...toFull, 'r'], shows: 'Put back from' },
  {
    name: 'review of a restore',
    first: 'backups',
    deck: keeping,
    keys: [...toFull, 'r', 'see:[x]', 'enter'],
    shows: 'It will',
  },
  { name: 'restoring', first: RUN, deck: restoring, shows: 'Restore beside' },
  { name: 'prune', first: 'prune', deck: keeping, shows: '1 backup would go' },
  { name: 'prune without any', first: 'prune', deck: () => fakeDeck(emptyFacts()), shows: 'nothing to prune' },
  { name: 'gate', first: 'gate', shows: '2 of 4 pass' },
  { name: 'review, held', keys: ['d'], shows: 'Held: 2 things' },
  { name: 'running', first: RUN, deck: () => going(fakeDeck()), shows: 'Stamp BUILD_ID' },
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
  { name: 'a broken configuration', deck: broken, shows: 'deplooy is unknown' },
  { name: 'the lines that are wrong', deck: broken, keys: ['e'], shows: 'data/app.db' },
  { name: 'leave', first: RUN, deck: () => going(fakeDeck()), keys: ['q'], shows: 'leaving does not' },
]

test.concurrent.each(ways.flatMap((way) => sizes.map((size) => [way.name, ...size, way] as const)))(
  '%s at %i×%i',
  async (_, columns, rows, way) => {
    const screen = open(way.deck?.() ?? fakeDeck(), columns, rows, way.first ? { first: way.first } : {})
    await screen.settle()
    await follow(screen, way.keys ?? [])
    await screen.waitFor(way.shows)
    const found = faults(screen, columns, rows)
    await screen.leave()
    expect(found).toEqual([])
  },
)
