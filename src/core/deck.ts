import type { BackupKind, ListedBackup, Proof } from './backup.ts'
import type { Facts, Gate, RollbackCandidate, RunSummary } from './facts.ts'
import type { JsonRecord } from './json.ts'
import type { KindSpec } from './kinds.ts'
import type { Plan } from './plan.ts'
import type { Counted } from './progress.ts'
import type { RetentionRow } from './retention.ts'
import type { RunEvent } from './run-event.ts'

/** A value that changes, as `useSyncExternalStore` wants it: `get` is stable between changes. */
export type Store<T> = { get(): T; subscribe(listener: () => void): () => void }

/** Which parts of the facts are still being looked up; the rest is drawn at once. */
export type DeckFacts = { facts: Facts; checking: ReadonlySet<string> }

/** A run as a face follows it. `events` holds the newest lines only (bounded); states are complete. */
export type RunView = {
  run: string
  plan: Plan
  startedAt: string
  events: readonly RunEvent[]
  states: Readonly<Record<string, { state: string; ms: number | null; startedAt: string | null; error: string | null }>>
  bytes: Readonly<Record<string, Counted>>
  end: Extract<RunEvent, { t: 'end' }> | null
  /** The process that had it in hand is gone, and it did not end: there is a way out to be chosen. */
  died: boolean
}

export type AuditView = {
  at: string
  actor: string
  event: string
  outcome: string
  subject: string
  says: string
  legacy: boolean
}

/**
 * Everything the screens may ask for. The commands build one on the real project; tests build one by hand.
 * Nothing here knows Ink; nothing in `tui` knows git, files or listr2.
 */
export type Deck = {
  project: string
  environment: string
  root: string
  operator: string
  host: string
  now(): Date
  facts: Store<DeckFacts>
  refresh(): Promise<void>
  plan(request: DeckRequest): Promise<Plan>
  /** Starts the reviewed plan in its own process; resolves with the run's id once it is journalled. */
  start(plan: Plan, answers: Record<string, string>): Promise<string>
  watch(run: string): Store<RunView | null>
  /** Asks a run to stop at its next safe point. */
  stop(run: string): Promise<void>
  candidates(): Promise<RollbackCandidate[]>
  /** What can be made here, in the order it is offered. */
  kinds(): Promise<KindChoice[]>
  /** What break glass can be done with, the best first. */
  glass(): Promise<GlassChoice[]>
  /** What restores replaced and still keep, the newest first. */
  kept(): Promise<KeptCopy[]>
  /** One backup with everything that is known about it. */
  backup(id: string): Promise<BackupDetail>
  /** Says that a backup is right although it is in doubt. */
  confirmDoubts(id: string, reason: string): Promise<void>
  /** How old the newest of a kind may be, ms; null: never called stale. */
  freshMs(kind: BackupKind): number | null
  /** What a prune of a kind (null: of all) would remove and keep, and why. */
  /** What of the backups' folders is large, or their volume full, by what the project allows. */
  room(): string[]
  retention(kind: BackupKind | null): Promise<RetentionRow[]>
  gate: {
    runChecks(onChange: (gate: Gate) => void): Promise<Gate>
    confirm(id: string, evidence: string[]): Promise<Gate>
    fail(id: string, reason: string): Promise<Gate>
    waive(id: string, reason: string, approvedBy: string, typed: string): Promise<Gate>
  }
  /** Runs that stopped half way: what is really there, and what each way out would do. */
  inspect(run: string): Promise<Inspection>
  settle(run: string, how: 'resume' | 'undo' | 'abandon'): Promise<string>
  log(file: string): Promise<string[]>
  runLog(run: string): Promise<string[]>
  activity(): Promise<AuditView[]>
  copy(text: string): Promise<void>
  /** Commands for the palette that are not keys of a screen; `off` says why one cannot run now. */
  commands(): { name: string; does: string; off: string | null }[]
  /** Runs a palette command that only reads and gives its lines. */
  read(command: string): Promise<string[]>
  /** Commits between two, newest first, at most 200: what a rollback undoes, what a deploy brings. */
  commits(from: string, to: string): Promise<{ oid: string; subject: string; author: string; at: string }[]>
  preferences: { get(): Preferences; set(change: Partial<Preferences>): void }
  /** What is wrong with the configuration; null when nothing is. */
  broken: BrokenConfig | null
}

/** A configuration that cannot be used: break glass is all there is until it can. */
export type BrokenConfig = {
  /** What is wrong, each thing with its line where it has one, and what to do about it. */
  what: string
  problems: readonly string[]
  next: readonly string[]
  /** The baseline whose own configuration is used instead; null where none carries one. */
  from: string | null
  /** The lines of the file around each problem; empty where there is no file to read. */
  lines(): Promise<string[]>
  /** Whether it can be used now. */
  mended(): Promise<boolean>
}

export type DeckRequest =
  | { op: 'backup'; kind: BackupKind; name?: string; notes?: string; includeRedis?: boolean }
  | { op: 'verify'; id: string; rung: 'readable' | 'restored' }
  /** `only` empty: every source the backup holds. */
  | { op: 'restore'; id: string; only: string[]; flushRedis: boolean; acceptSchema: boolean; reason?: string }
  /** Beside the live data: `to` is a folder, or $ and the name of a variable that holds a database's URL. */
  | { op: 'restore'; id: string; only: string[]; to: string }
  /** Swaps back what the restore `undo` (a run) replaced. */
  | { op: 'restore'; undo: string; reason?: string }
  /** Removes what the restore `forget` (a run) replaced and kept. */
  | { op: 'restore'; forget: string; reason?: string }
  | { op: 'delete'; id: string; reason?: string }
  | { op: 'prune'; kind: BackupKind | null }
  /** Break glass. `baseline` null: the one that is configured. */
  | { op: 'emergency'; baseline: string | null; only: string[]; keepData: boolean; reason?: string }
  | { op: 'deploy'; type: 'release' | 'patch' }
  | { op: 'certify' }
  | { op: 'rollback'; to: string; acceptSchema?: boolean; withData?: boolean }
  | { op: 'verify-live' }

/** A kind as the Backup screen offers it. `off` is why it cannot be made now; `expect` what the last one took. */
export type KindChoice = {
  spec: KindSpec
  sources: string[]
  off: string | null
  expect: { ms: number | null; bytes: number | null }
}

/** What a restore still keeps. `bytes` are those of its files; what a server or an engine holds is not counted. */
export type KeptCopy = { run: string; at: string; what: string[]; bytes: number }

/** A baseline as break glass offers it; `takesMs` is from its last rehearsal, null when it never had one. */
export type GlassChoice = { baseline: ListedBackup; sources: string[]; takesMs: number | null }

/** `manifest` are the lines of its MANIFEST.md; `stays` is why it may not be pruned or deleted, null when it may. */
export type BackupDetail = {
  backup: ListedBackup
  proofs: readonly Proof[]
  manifest: string[] | null
  restores: { source: string; can: boolean; why: string }[]
  stays: string | null
}

export type Inspection = {
  run: RunSummary
  plan: Plan
  /** Every step that was begun: what the journal says and what the world shows. */
  steps: { id: string; title: string; journal: string; seen: string; state: string }[]
  resume: { can: boolean; why: string }
  undo: { can: boolean; why: string }
  abandon: { can: boolean; why: string }
  detail: JsonRecord
}

export type Preferences = { theme: 'auto' | 'light' | 'dark'; name: string | null; lastProject: string | null }
