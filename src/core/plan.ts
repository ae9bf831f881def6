import type { Json, JsonRecord } from './json.ts'

/** An earlier step's output ("backup.path"), the run itself ("run.id", "run.outcome"), or in an undo "was.oid". */
export type Ref = { readonly $: string }
/** The name of a variable, read only when the child is spawned; never journalled, never in argv. */
type Secret = { readonly secret: string }
export type Arg = string | Ref | Secret

/** A child process. `stdin` is text, `stdout` a file path; codes outside `okCodes` fail the step. Times in ms. */
export type Exec = {
  do: 'exec'
  argv: Arg[]
  cwd?: Arg
  env?: Record<string, Arg>
  stdin?: Arg
  stdout?: Arg
  idleMs: number
  timeoutMs: number
  okCodes: number[]
}

/**
 * A named function of ours. `input` may hold Refs anywhere; `says` is the sentence shown to people;
 * `byHand` is the same work with standard tools, as argv.
 */
export type Call = { do: 'call'; name: string; input: Json; says: string; byHand: Arg[][] }

export type Action = Exec | { do: 'pipe'; execs: Exec[] } | Call

/** What stands in the world where a step works. */
export type Seen = {
  state: 'absent' | 'done' | 'partial' | 'foreign' | 'settling' | 'unknown'
  saw: Json
  gives?: JsonRecord
}

export type Step = {
  /** Unique in the plan, nested steps included; "certify", "target.git-push". */
  id: string
  title: string
  /** One short phrase beside the title, such as "refs/knowngood/lock" or "3 reads of https://…". */
  detail?: string
  effect: 'read' | 'local' | 'outward' | 'destroys'
  /** Check first that the shared lock is still ours. */
  fence?: boolean
  /** Run before acting; its result is journalled as `was` and is what undo restores. */
  capture?: Call
  actions: Action[]
  /** Names of the outputs later steps may refer to as `<id>.<name>`. */
  gives: string[]
  /** Says after a crash what is really there; demanded unless effect is 'read'. */
  probe?: Call
  undo?: Action[]
  stop: 'before' | 'anytime' | 'never'
  /** undo: put everything back. halt: stop here, keep what is. owe: go on, and say what is owed. */
  onFail: 'undo' | 'halt' | 'owe'
  /** Exit code of the run when this step is the one that failed with 'halt' (7 for live verification). Default 5. */
  haltExit?: number
  /** Exit code of a run that was done but owes this step (5 for a cache that could not be flushed). Default 0. */
  oweExit?: number
  expect?: { bytes?: number; ms?: number }
  /** The later step that takes away what this one made: once that one stands, this one is not missed. */
  spentBy?: string
  /** Of a last step: there is nothing for it to do where this step was never begun. */
  onlyAfter?: string
  steps?: Step[]
}

export type Hold = { id: string; why: string; fix: string; key?: string }

export type Ask = { id: string; kind: 'review' | 'typed' | 'reason'; text: string; expects?: string; flag: string }

/** What an operation will do, decided once, frozen at review, journalled with the run. */
export type Plan = {
  schema: 1
  op: Operation
  tool: string
  /** "Deploy 9f2c1e0 to mosaic / production". */
  title: string
  request: JsonRecord
  names: Record<string, string>
  /** Observed again under the lock by the step that calls `basis.check`; a difference holds the run. */
  basis: JsonRecord
  holds: Hold[]
  warnings: string[]
  asks: Ask[]
  /** One sentence each: what is gone afterwards. */
  loses: string[]
  /** The step after which nothing is undone; forward only. */
  certifiedBy: string | null
  /** `required`: the run may not begin when the audit log cannot be written. `detail` stands in the line of a run that is done. */
  audit: { required: boolean; event: string; subject: string; detail?: JsonRecord }
  /** Whether the run takes the local lock. */
  locks: boolean
  steps: Step[]
  /** Done last whatever happened (cleanup, the log of a failure, the shared lock); failures here are owed. */
  always: Step[]
}

export type Operation =
  | 'backup'
  | 'deploy'
  | 'certify'
  | 'verify-live'
  | 'rollback'
  | 'gate'
  | 'verify'
  | 'restore'
  | 'emergency'
  | 'delete'
  | 'mirror'
  | 'drill'
  | 'prune'
  | 'publish'
  | 'sacred'

/** What a call is handed. */
export type Io = {
  /** The project's root directory. */
  root: string
  run: string
  /** Directory of this run: journal, events, outputs. */
  dir: string
  signal: AbortSignal
  bytes(done: number, total: number | null): void
  line(text: string): void
  child(pid: number): void
  /** The value of a variable; throws a UserError that names it when it is not set. */
  secret(name: string): string
}

/** Calls are stateless: everything they need is in the input or the Io, so that a journalled plan can be replayed. */
type CallFunction = (input: never, io: Io) => Promise<JsonRecord>
export type CallRegistry = Readonly<Record<string, CallFunction>>

/** Whether a plan makes other data live and keeps what stood there, which can be swapped back. */
export function swapsData(plan: Plan): boolean {
  return allSteps(plan).some(({ id }) => /^(?:swap|back)\./.test(id))
}

/** Every step of a plan, parents before children, `always` last. */
export function allSteps(plan: Plan): Step[] {
  const flat = (steps: Step[]): Step[] => steps.flatMap((step) => [step, ...flat(step.steps ?? [])])
  return [...flat(plan.steps), ...flat(plan.always)]
}
