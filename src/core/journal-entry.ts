import type { Json, JsonRecord } from './json.ts'
import type { Plan, Seen } from './plan.ts'

/** One line of `runs/<id>/journal.jsonl`, synced to disk before what it announces happens. */
export type JournalEntry = { v: 1; run: string; seq: number; at: string } & (
  | {
      k: 'begin'
      plan: Plan
      answers: Record<string, string>
      by: string
      host: string
      pid: number
      started: string
      boot: string
    }
  | { k: 'taken'; by: string; host: string; pid: number; started: string; boot: string }
  | { k: 'intent' | 'undo'; step: string; attempt: number; was: Json }
  | { k: 'child'; step: string; pid: number; started: string }
  | { k: 'outcome'; step: string; result: StepResult; gives: JsonRecord; error?: string }
  | { k: 'saw'; step: string; seen: Seen }
  | { k: 'verdict'; what: 'stop' | 'resume' | 'undo' | 'abandon'; by: string }
  | { k: 'end'; exit: number; outcome: RunOutcome; owed: string[] }
)

type StepResult = 'done' | 'failed' | 'undone' | 'already' | 'owed'

/** How a run ended: `undone` put everything back, `halted` kept what is there, `stuck` could not be put back. */
export type RunOutcome = 'done' | 'held' | 'undone' | 'halted' | 'stuck' | 'stopped' | 'abandoned'
