import type { JsonRecord } from './json.ts'
import type { Known } from './known.ts'

/** A named recipe of backup; `core/kinds.ts` says what each holds. */
export type BackupKind =
  | 'quick'
  | 'full'
  | 'site'
  | 'prod'
  | 'release'
  | 'bundle'
  | 'data'
  | 'dump'
  | 'set'
  | 'baseline'

export type Rung = 'found' | 'hashed' | 'readable' | 'restored'

/**
 * One file of a backup. `path` is relative to the backup's folder (`folder` kinds) or to the project's root (all others;
 * absolute for a backup on another volume). `counts` are rows per table, keys, entries or files, taken in the same snapshot
 * as the bytes; `unsettled` names what changed while it was read.
 */
export type Part = {
  source: string
  use: string
  path: string
  bytes: number
  sha256: string
  counts?: Record<string, number>
  /** The source's schema revision in that snapshot; left out where it has none. */
  schema?: string
  unsettled: string[]
}

/** One finished capture. Paths are relative to the project's root; `digest` is the SHA-256 proofs refer to. */
export type BackupRecord = {
  schema: 1
  id: string
  kind: BackupKind
  at: string
  origin: 'knowngood' | 'found'
  run: string | null
  operator: string | null
  /** The commit it returns to (the live one when it was made; for `prod` the deployed one). */
  commit: string | null
  commitSubject: string | null
  branch: string | null
  notes: string | null
  schemaRevision: string | null
  /** The record's or archive's own file, or the backup's folder; relative to the root unless it lies outside. */
  path: string
  parts: Part[]
  bytes: number
  digest: string
  /** What making it left out and why a restore may miss it: files with secret values, narrowed paths. One phrase each. */
  leftOut?: string[]
  /** Warnings that stay until confirmed: half the size of the last one, a table gone empty. */
  doubts?: string[]
  /** How long making it took, ms; the estimate for the next one. */
  ms?: number
  /** Where a bundle is published, as its lock file says. */
  releaseUrl?: string
}

export type Proof = {
  backup: string
  digest: string
  part: string
  rung: Exclude<Rung, 'found'>
  at: string
  passed: boolean
  counts?: Record<string, number>
  ms: number
  because?: string
}

/** A backup as listed: its record, and the proof that holds for its present digest. */
export type ListedBackup = BackupRecord & {
  rung: Rung
  provenAt: string | null
  /** damaged: bytes or record do not hold. missing: a record whose file or commit is gone. */
  state: 'ok' | 'damaged' | 'missing'
  because: string | null
  /** Missing for its commit alone, which this clone does not have: its own files are there. */
  lacksCommit?: true
}

/**
 * `backups/quick/quick-backup-<ms>.json` and `backups/full/full-backup-<ms>.json`, field for field as the teams' own
 * tool writes them, with Knowngood's additions after. `timestamp` is ISO 8601 with milliseconds, UTC.
 */
export type PointerRecord = {
  id: string
  type: 'quick' | 'full'
  timestamp: string
  commitHash: string
  commitMessage: string
  branch: string
  notes?: string
  /** full only: the first database's export, relative to the root, and the size of all of them. */
  convexExportPath?: string
  exportSizeBytes?: number
  commitFrom: 'live' | 'prod-current' | 'branch'
  schemaRevision: string | null
  operator: string
  run: string
  exports: Export[]
}

/** One exported source of a full backup; `path` is relative to the root. */
export type Export = {
  source: string
  path: string
  sizeBytes: number
  sha256: string
  use?: string
  counts?: Record<string, number>
  schema?: string
}

/** What a source knows without capturing. */
export type SourceFacts = { name: string; use: string; schema: Known<string | null>; detail: JsonRecord }
