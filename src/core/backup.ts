import type { JsonRecord } from './json.ts'
import type { Known } from './known.ts'

/** The kinds made today; a kind that is not made is neither offered nor documented. */
export type BackupKind = 'quick' | 'prod'

/** Kinds that are listed when found on disk, made by hand or by older scripts. */
export type FoundKind = BackupKind | 'site' | 'full'

export type Rung = 'found' | 'hashed' | 'readable' | 'restored'

type Part = {
  source: string
  use: string
  path: string
  bytes: number
  sha256: string
  counts?: Record<string, number>
  unsettled: string[]
}

/** One finished capture. Paths are relative to the project's root; `digest` is the SHA-256 proofs refer to. */
export type BackupRecord = {
  schema: 1
  id: string
  kind: FoundKind
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
  /** The record's or archive's own file, relative to the root. */
  path: string
  parts: Part[]
  bytes: number
  digest: string
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
}

/**
 * `backups/quick/quick-backup-<ms>.json`, field for field as the teams' own tool writes it, with Knowngood's
 * additions after. `timestamp` is ISO 8601 with milliseconds, UTC.
 */
export type QuickRecord = {
  id: string
  type: 'quick'
  timestamp: string
  commitHash: string
  commitMessage: string
  branch: string
  notes?: string
  commitFrom: 'live' | 'prod-current' | 'branch'
  schemaRevision: string | null
  operator: string
  run: string
  exports: []
}

/** What a source knows without capturing. */
export type SourceFacts = { name: string; use: string; schema: Known<string | null>; detail: JsonRecord }
