import { isAbsolute, join } from 'node:path'
import type { DriveInput } from '../core/backup-input.ts'
import type { BackupName } from '../core/backup-names.ts'
import { backupNameFor, stageOf } from '../core/backup-names.ts'
import type { BackupKind } from '../core/backup.ts'
import type { Facts } from '../core/facts.ts'
import { sourcesOfKind } from '../core/kind-sources.ts'
import { valueOr } from '../core/known.ts'
import type { Project } from '../core/project.ts'
import type { Decided } from './decided.ts'
import { namedSources } from './named-sources.ts'
import type { ReadySource } from './named-sources.ts'

/** What is asked of a backup. `session`: it is the operator's own, and lets this session deploy. */
export type BackupRequest = {
  kind: BackupKind
  session: boolean
  /** A set's or baseline's name. */
  name?: string | null
  notes?: string | null
  type?: 'release' | 'patch'
  includeRedis?: boolean
  /** Whether unchanged files may be taken from the last archive without compressing them again. Default true. */
  reuse?: boolean
  /** Exactly these sources, whatever the kind takes by itself: a snapshot of what is about to be replaced. */
  sources?: readonly string[]
  /** A bundle's commit and the version it carries; what is next when left out. */
  commit?: string | null
  version?: string | null
  /** A bundle's image, which gets a name of the bundle's. */
  image?: string | null
}

/** The sources a request captures, in the configuration's order. */
export function sourcesFor(project: Project, request: Omit<BackupRequest, 'session'>): ReadySource[] {
  const all = namedSources(project)
  const { kind, includeRedis } = request
  const chosen = request.sources ?? sourcesOfKind(project, kind, all, includeRedis).map(({ name }) => name)
  return all.filter(({ name }) => chosen.includes(name))
}

/** What the backup will be called. */
export function nameFor(
  project: Project,
  facts: Facts,
  decided: Decided,
  request: Omit<BackupRequest, 'session'>,
): BackupName {
  const { kind, name = null } = request
  const version = request.version ?? decided.version
  return backupNameFor(project, kind, { at: decided.now, name, version }, valueOr(facts.backups, []))
}

/** Where it is built: beside what it will be. What is to be encrypted never stands in the clear on another volume. */
export function stageFor(project: Project, decided: Decided, name: BackupName): string {
  const dir = driveOf(project, name.kind)?.encrypt ? '.knowngood' : name.dir
  const stage = stageOf(dir, decided.run)
  return isAbsolute(stage) ? stage : join(project.root, stage)
}

/** The drive a kind is kept on; null where it lies in the repository's own folders. */
export function driveOf(project: Project, kind: BackupKind): DriveInput | null {
  const { data } = project.backups
  if (kind !== 'data' || data === null) return null
  const { dir: to, name, mounted, quota, encrypt } = data
  return { to, name, mounted, quota, encrypt }
}
