import type { DrillFacts } from './drill.ts'
import type { BackupKind, ListedBackup } from './backup.ts'
import type { SourceFacts } from './backup.ts'
import type { Known } from './known.ts'
import type { Hold, Operation } from './plan.ts'

export type Commit = { oid: string; subject: string; at: string; author: string }

/** An annotated (or lightweight) tag: `oid` is the tag object, `commit` what it points at. */
export type TagFact = {
  name: string
  oid: string
  commit: string
  at: string
  tagger: string
  message: string
  subject: string
  /** Whether `git.tag` makes such names. A sacred point or a version may stand on the same commit. */
  release: boolean
}

export type GitFacts = {
  branch: string
  checkedOut: string | null
  remote: { name: string; url: string } | null
  /** Tip of the local deploy branch: what would be released. Null in a repository without commits. */
  next: Commit | null
  /** The remote's branch and prod-current as last fetched. */
  remoteBranch: string | null
  current: string | null
  tags: TagFact[]
  /** Commits between what is live and next; null when live is not an ancestor. */
  ahead: number | null
  /** Migrations that next brings and live has not; null when nothing is ahead, or live is not an ancestor. */
  migrations: number | null
  fastForward: boolean
  dirty: string[]
  shallow: boolean
}

export type LiveFacts = { buildId: string; matches: string | null; url: string; ms: number }

export type GateState = 'not run' | 'open' | 'failed' | 'passed' | 'expired'

export type GateItem = {
  id: string
  title: string
  kind: 'check' | 'confirmation'
  when: 'before' | 'after'
  state: 'open' | 'running' | 'pass' | 'fail' | 'waived'
  look: string
  why: string
  evidenceRule: 'required' | 'optional' | 'visual' | 'none'
  evidence: {
    kind: 'file' | 'url'
    from: string
    kept: string | null
    sha256: string
    status?: number
    buildId?: string | null
  }[]
  by: string | null
  at: string | null
  ms: number | null
  /** Last lines of a check's output, or the reason of a waiver or failure. */
  output: string[]
  reason: string | null
  approvedBy: string | null
}

/** `commit` is what the gate is bound to; times are ISO 8601 UTC. */
export type Gate = {
  commit: string
  state: GateState
  startedAt: string | null
  passedAt: string | null
  expiresAt: string | null
  items: GateItem[]
}

export type Session = { id: string; startedAt: string; operator: string; host: string; backups: string[] }

export type DeployLogEntry = {
  file: string
  date: string
  at: string | null
  slug: string
  title: string
  tag: string | null
  commit: string | null
  buildId: string | null
  version: string | null
  type: string | null
  operator: string | null
  outcome: string | null
  run: string | null
  rollbackTarget: string | null
  backup: string | null
}

export type ReleaseRow = {
  /** A number, or text where a team's own table has such ids. */
  id: number | string
  version: string | null
  deploymentType: string
  backupPath: string
  schemaRevision: string | null
  recordedAt: string
  tag: string | null
  commitSha: string
  buildId: string | null
  operator: string | null
  outcome: string
  run: string | null
}

export type LockHolder = {
  op: string
  run: string
  operator: string
  host: string
  pid: number
  started: string
  boot: string
  reason: string
  at: string
  heartbeat: string
  /** The shared lock's commit; null for the local lock. */
  oid: string | null
}

export type RunSummary = {
  id: string
  op: Operation
  title: string
  subject: string
  by: string
  startedAt: string
  endedAt: string | null
  state: 'running' | 'interrupted' | 'ended'
  exit: number | null
  outcome: string | null
  lastStep: string | null
  lastStepTitle: string | null
  pid: number
  certified: boolean
  /** Whether it swaps data that can be swapped back. */
  swaps?: boolean
  owed: string[]
}

export type HistoryRow = {
  mark: 'release' | 'rollback' | 'failed' | 'verified'
  name: string
  at: string
  type: string
  tookMs: number | null
  by: string
  note: string
  commit: string | null
  run: string | null
  log: string | null
}

/** `used` is what the backup folders hold, in bytes; `free` and `total` are the volume's. */
export type DiskFacts = { free: number; total: number; used: number }

/** A mirror as it was noted last: the backups it lacks (ids), how many it holds, when it was last given something. */
export type MirrorFacts = { to: string; lacks: string[]; holds: number; lastAt: string | null; stale: boolean }

/** Everything observed at one moment. A face draws it, a plan is made from it. */
export type Facts = {
  at: string
  operator: string
  host: string
  git: Known<GitFacts>
  live: Known<LiveFacts>
  backups: Known<ListedBackup[]>
  gate: Known<Gate>
  logs: Known<DeployLogEntry[]>
  releases: Known<ReleaseRow[]>
  sources: SourceFacts[]
  /** The migrations folder at the commits one could go back to, by commit: its tree and its newest migration. */
  migrations: Readonly<Record<string, { tree: string; newest: string }>>
  lock: { local: Known<LockHolder | null>; shared: Known<LockHolder | null> }
  runs: Known<RunSummary[]>
  session: Known<Session | null>
  disk: Known<DiskFacts>
  mirrors: MirrorFacts[]
  drills: DrillFacts[]
  history: HistoryRow[]
  /** What is recorded and no longer true, one sentence each. */
  drift: string[]
  /** What keeps a deploy of `git.next` from starting now. */
  deployHolds: Hold[]
  deployWarnings: string[]
}

/** A thing to roll back to. `offered` false carries why. */
export type RollbackCandidate = {
  id: string
  kind: 'tag' | BackupKind
  at: string
  commit: string
  subject: string
  /** How long it was live, ms; null for a backup or when unknown. */
  ranMs: number | null
  undoes: string[]
  schema: { verdict: 'same' | 'differs' | 'unknown'; from: string | null; to: string | null }
  rung: string
  /** Sources whose data it holds and that can be put back with it; left out where it holds none. */
  data?: string[]
  /** How the release of its commit ended, where that was never proven live; left out where nothing speaks against it. */
  failed?: string
  offered: boolean
  because: string | null
}
