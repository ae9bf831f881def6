import type { RunSummary } from '../../src/core/facts.ts'
import { known } from '../../src/core/known.ts'
import { fakeDeck, RUN, runSummary, type FakeDeck } from './fake-deck.ts'
import { NOW } from './fake-facts.ts'
import { runningDeploy } from './fake-plans.ts'

/** The deck, with one run among its facts: an interrupted deploy, unless told otherwise. */
export function withRun<D extends FakeDeck>(deck: D, change: Partial<RunSummary> = {}): D {
  deck.setFacts({ runs: known([runSummary(change)], NOW) })
  return deck
}

/** A deploy stopped half way. */
export const interrupted = (): FakeDeck => withRun(fakeDeck())

/** A deploy is running: among the facts, and to be watched. */
export function going<D extends FakeDeck>(deck: D): D {
  deck.run.set(runningDeploy(RUN))
  return withRun(deck, { state: 'running' })
}
