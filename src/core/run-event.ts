import type { RunOutcome } from './journal-entry.ts'
import type { Counted } from './progress.ts'

type StepState = 'waiting' | 'running' | 'done' | 'failed' | 'undoing' | 'undone' | 'already' | 'owed'

/** All a face may consume of a run; one line of `runs/<id>/events.jsonl`. */
export type RunEvent = { run: string; seq: number; at: string; step: string } & (
  | { t: 'state'; state: StepState; ms?: number; error?: string }
  | ({ t: 'bytes' } & Omit<Counted, 'since'>)
  | { t: 'line'; from: 'out' | 'err' | 'us'; text: string }
  | { t: 'end'; exit: number; outcome: RunOutcome; error?: string; owed: string[]; byHand: string[] }
)
