import { describe, expect, it } from 'vitest'
import type { JournalEntry } from '../../src/core/journal-entry.ts'
import { runState } from '../../src/core/run-state.ts'
import { make, tinyPlan } from '../helpers/tiny-run.ts'

describe('a run read out of its journal', () => {
  it('stopped at the step that was being done, not at what cleans up after every end', () => {
    const plan = tinyPlan([make(1), make(2)])
    const head = { v: 1 as const, run: 'tiny', at: '2025-11-21T12:00:00.000Z' }
    const intent = (seq: number, step: string): JournalEntry => ({
      ...head,
      seq,
      k: 'intent',
      step,
      attempt: 1,
      was: null,
    })
    const begin = { k: 'begin' as const, plan, answers: {}, by: 'ana', host: 'laptop', pid: 1, started: '1', boot: 'b' }
    const state = runState([
      { ...head, seq: 1, ...begin },
      intent(2, 'make.1'),
      intent(3, 'make.2'),
      { ...head, seq: 4, k: 'outcome', step: 'make.2', result: 'failed', gives: {} },
      intent(5, 'always'),
    ])
    expect(state?.lastStep).toBe('make.2')
  })
})
