import type { BackupKind, Rung } from './backup.ts'
import type { JsonRecord } from './json.ts'
import type { NoticeEvent } from './notice.ts'

/** A project as its `knowngood.yaml` says it, every default filled in. Durations are ms, sizes bytes. */
export type Project = {
  /** Absolute path of the repository's top level. */
  root: string
  /** Absolute path of the configuration file; null when there is none and only defaults apply. */
  file: string | null
  project: string
  environment: string
  git: { remote: string; branch: string; current: string; tag: string }
  version: { file: string | null }
  build: { id: string; run: string[][]; stamp: { file: string; text: string }[]; artefact: string[] }
  sources: Record<string, PlugInOptions>
  backups: Backups
  /** When backups need more room than there is, or fill it; bytes and percent. */
  disk: { free: number; folder: number; volume: number }
  services: Service[]
  mirrors: MirrorOptions[]
  drills: { log: string; spot: DrillOptions; full: DrillOptions }
  /** Which baseline break glass takes (`latest`), what becomes of Redis, and the commands a rehearsal runs in its scratch place. */
  emergency: { baseline: string; redis: 'flush' | 'keep'; smoke: string[][] }
  gate: {
    validMs: number
    approvers: string[]
    require: { withinMs: number; thisSession: boolean; late: 'warn' | 'hold'; kind: BackupKind | 'any'; proof: Rung }
    checks: GateCheck[]
    confirmations: GateConfirmation[]
  }
  deploy: { backup: BackupKind; migrate: string[][]; targets: PlugInOptions[]; onFailedVerify: 'ask' | 'rollback' }
  verify: { timeoutMs: number; reads: number; checks: VerifyCheck[] }
  rollback: { by: 'revert' | 'reset' }
  /** `sqlite:` and a path, or `$` and the name of a variable. */
  records: { url: string }
  evidence: { dir: string }
  logs: { dir: string }
  /** The repository on GitHub as `owner/name`, its API's address, the variable that holds the token; null: found out. */
  github: { repository: string | null; api: string | null; token: string | null }
  /** Variables that hold the webhook's URL and the key it is signed with. */
  notify: { webhook: string; secret: string | null; on: NoticeEvent[]; timeoutMs: number } | null
  /** The team's own commands by what happened, each an argv. */
  hooks: { on: Record<NoticeEvent, string[][]>; timeoutMs: number }
}

/** `use` names the plug-in; the rest is parsed by the plug-in's own options. */
type PlugInOptions = { use: string } & Record<string, unknown>

/** `keep` finished backups; null keeps all. `freshMs` null: never called stale. `dir` is relative to the root. */
export type KindOptions = { keep: number | null; freshMs: number | null; dir: string }

/** `sources` null: those the kind takes by itself (every database, …). */
type FolderKind = KindOptions & { sources: string[] | null }

/** Encryption of a `data` archive: the variable that holds the passphrase, or the recipients. */
export type Encrypt = { gpg: string } | { age: string[] }

/** A `data` archive: `dir` may be absolute (a mount); `quota` in bytes. Null where none is configured. */
export type DataKind = KindOptions & {
  name: string
  sources: string[]
  mounted: boolean
  quota: number | null
  encrypt: Encrypt | null
  prune: boolean
}

export type Backups = {
  quick: KindOptions
  full: FolderKind
  site: KindOptions & { paths: string[]; exclude: string[] }
  prod: KindOptions
  release: FolderKind
  bundle: KindOptions & { name: string; exclude: string[]; prune: boolean }
  data: DataKind | null
  dump: FolderKind
  set: FolderKind
  baseline: FolderKind
}

/** A restore drill: how often, what is run in the scratch place, files that must be in it, what a person looks at. */
export type DrillOptions = {
  everyMs: number
  smoke: string[][]
  files: string[]
  confirmations: { id: string; title: string; look: string }[]
}

/** A mirror: `to` names it, `options` are the plug-in's own. It holds the newest `latest` of each of `kinds`. */
export type MirrorOptions = {
  use: string
  to: string
  kinds: BackupKind[]
  latest: number
  freshMs: number | null
  options: JsonRecord
}

/** A service around an in-place restore; each an argv. `status` may be left out. */
export type Service = { stop: string[]; start: string[]; status: string[] | null }

export type GateCheck = { id: string; title: string; run: string[]; timeoutMs: number }

export type GateConfirmation = {
  id: string
  title: string
  look: string
  why: string
  evidence: 'required' | 'optional' | 'visual'
  when: 'before' | 'after'
}

/** A URL check reads production; a run check is given KNOWNGOOD_BUILD_ID. `{id}` in `contains` is the BUILD_ID. */
export type VerifyCheck =
  | { kind: 'url'; url: string; contains: string | null; status: number; timeoutMs: number }
  | { kind: 'run'; run: string[]; timeoutMs: number }

/** What an operator types to confirm an act that destroys or overwrites. */
export function confirmationName(project: Project): string {
  return `${project.project}-${project.environment}`
}

/** The variable with the URL of the database the release records are kept in; null when that is a file of this clone. */
export function recordsVariable(url: string): string | null {
  return url.startsWith('$') ? url.slice(1) : null
}
