import type { BackupName } from './backup-names.ts'
import type { BackupRecord, Part } from './backup.ts'
import type { JsonRecord } from './json.ts'
import type { Encrypt } from './project.ts'

/** What a capture gave. */
type Captured = { source: string; parts: Part[]; leftOut: string[]; doubts: string[] }

/** What is known of a backup before its bytes are. `schemas` are the sources' revisions as they were reviewed. */
export type Draft = Pick<
  BackupRecord,
  'kind' | 'at' | 'run' | 'operator' | 'commit' | 'commitSubject' | 'branch' | 'notes'
> & { commitFrom: 'live' | 'prod-current' | 'branch'; schemas: Record<string, string> }

/** Whose archive goes to a drive: `to` is the folder, checked to be a mounted volume of its own when `mounted`. */
export type DriveInput = { to: string; name: string; mounted: boolean; quota: number | null; encrypt: Encrypt | null }

/** The image that goes with a bundle: what it was asked for by, the name it got, its id in full. */
export type BundleImage = { image: string; tag: string; id: string }

/** The input of the step that publishes: everything but the clock and the bytes. `stage` is absolute. */
export type PublishInput = {
  name: BackupName
  stage: string
  draft: Draft
  captured: Captured[]
  sources: { name: string; use: string; options: JsonRecord }[]
  /** Small files that stand in a folder besides its parts, by name. */
  texts: Record<string, string>
  of: { project: string; environment: string }
  remote: string | null
  holdsCommit: boolean
  session: { operator: string; host: string } | null
  bundle: { name: string; version: string; image: BundleImage | null } | null
  drive: DriveInput | null
  /** Sources that may be too broken to read: nothing of them is written, and `leftOut` says where they are kept instead. */
  mayLack?: string[]
}

/** The input of the first look. Bytes; `last` is what the newest of its kind took. */
export type PreflightInput = {
  kind: BackupRecord['kind']
  dir: string
  stage: string
  free: number
  last: number
  folder: number
  volume: number
  drive: DriveInput | null
}
