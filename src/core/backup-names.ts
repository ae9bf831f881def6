import { posix } from 'node:path'
import type { BackupKind, BackupRecord } from './backup.ts'
import { KINDS } from './kinds.ts'
import { timestamp } from './naming.ts'
import type { Encrypt, Project } from './project.ts'

/**
 * What a backup will be called, decided once: `id` and `dir/stem+ext`, the n-th with `-n` behind id and stem where the
 * first is taken. `dir` is relative to the root, or absolute for a backup on another volume. `stamp` is in its exports' names.
 */
export type BackupName = {
  kind: BackupKind
  id: string
  dir: string
  stem: string
  ext: string
  stamp: string
  first: number
}

type Wish = { at: string; name: string | null; version: string | null }

/** The name a new backup of this kind gets, free among those that are known. `name` is a set's or baseline's own. */
export function backupNameFor(
  project: Pick<Project, 'backups'>,
  kind: BackupKind,
  wish: Wish,
  taken: readonly Pick<BackupRecord, 'id' | 'path'>[],
): BackupName {
  const plain = { kind, ...shape(project, kind, wish), first: 1 }
  const ids = new Set(taken.map(({ id }) => id))
  const paths = new Set(taken.map(({ path }) => path))
  const free = (n: number) => !ids.has(idOf(plain, n)) && !paths.has(pathOf(plain, n))
  let first = 1
  while (!free(first)) first += 1
  return { ...plain, first }
}

/** The n-th id: `<id>`, `<id>-2`, … */
export function idOf({ id }: Pick<BackupName, 'id'>, n: number): string {
  return suffixed(id, n)
}

/** The record's or archive's file, or the folder. */
export function pathOf({ dir, stem, ext }: Pick<BackupName, 'dir' | 'stem' | 'ext'>, n: number): string {
  return posix.join(dir, `${suffixed(stem, n)}${ext}`)
}

/** An export beside its record: `<source>-<stamp>.<ext>`, by the part's path in the stage. */
function exportPath(name: BackupName, n: number, part: { source: string; path: string }, only: boolean): string {
  const file = posix.basename(part.path)
  const named = file.startsWith(`${part.source}.`)
  const ext = named ? file.slice(part.source.length) : (/(?:\.tar|\.sql)?\.[A-Za-z0-9]+$/.exec(file)?.[0] ?? '')
  const source = named || only ? part.source : `${part.source}-${file.slice(0, file.length - ext.length)}`
  return posix.join(name.dir, `${source}-${suffixed(name.stamp, n)}${ext}`)
}

/** Where the n-th name puts each export, in the order of the parts. */
export function exportPaths(name: BackupName, n: number, parts: readonly { source: string; path: string }[]): string[] {
  return parts.map((part) => exportPath(name, n, part, parts.filter((one) => one.source === part.source).length === 1))
}

/** What an encrypted archive is called by. */
function endingOf(encrypt: Encrypt | null): '' | '.gpg' | '.age' {
  return encrypt === null ? '' : 'gpg' in encrypt ? '.gpg' : '.age'
}

/** An archive on a drive: under the data's name where it is the only one; of several, each with its source's name in it. */
export function drivePath(
  path: string,
  part: { source: string; path: string },
  only: boolean,
  encrypt: Encrypt | null,
): string {
  if (only) return `${path}${endingOf(encrypt)}`
  return `${path.slice(0, -'.tar.gz'.length)}-${part.source}-${posix.basename(part.path)}${endingOf(encrypt)}`
}

/** Where a backup is built: beside what it will be, so that a rename publishes it. */
export function stageOf(dir: string, run: string): string {
  return posix.join(dir, `.knowngood-${run}.partial`)
}

const suffixed = (text: string, n: number) => (n === 1 ? text : `${text}-${n}`)

function shape({ backups }: Pick<Project, 'backups'>, kind: BackupKind, { at, name, version }: Wish) {
  const date = new Date(at)
  const ms = String(date.getTime())
  const time = timestamp(date)
  const dir = backups[kind]?.dir ?? ''
  const plain = { id: `${kind}-${time}`, dir, ext: '', stamp: time }
  switch (kind) {
    case 'quick':
    case 'full':
      return { id: `${kind}-${ms}`, dir, stem: `${kind}-backup-${ms}`, ext: '.json', stamp: ms }
    case 'site':
      return { ...plain, stem: `site-backup_${time}`, ext: '.zip' }
    case 'prod':
      return { ...plain, stem: `prod-${time}`, ext: '.zip' }
    case 'bundle':
      return { ...plain, stem: `${backups.bundle.name}-v${version ?? '0'}-${time}`, ext: '.tar.gz' }
    case 'data':
      return {
        ...plain,
        dir: posix.join(dir, dayFolder(date)),
        stem: `${backups.data?.name ?? 'data'}-${time}`,
        ext: '.tar.gz',
      }
    case 'dump':
      return { ...plain, stem: `dump-${time}`, ext: '.json' }
    case 'release':
      return { ...plain, stem: time }
    case 'set':
    case 'baseline':
      return { ...plain, id: name ?? plain.id, stem: name ?? plain.id }
  }
}

/** `2025/11-21`, as the teams' own tool sorts its archives. */
function dayFolder(date: Date): string {
  const [year = '', month = '', day = ''] = date.toISOString().slice(0, 10).split('-')
  return `${year}/${month}-${day}`
}

/** Why a name cannot be a set's or baseline's: it becomes a folder beside others, and part of a ref. */
export function nameFlaw(name: string): string | null {
  if (!/^[A-Za-z0-9][\w.-]{0,63}$/.test(name)) return 'use letters, digits, dots, dashes and underscores, at most 64'
  if (name.includes('..') || /\.(?:lock|json|zip)?$/.test(name))
    return 'it may not end in a dot, .lock, .json or .zip, nor hold ".."'
  return ['quick', 'full', 'releases'].includes(name) ? `${name} is a folder of backups` : null
}

/** Where a backup's record stands, by its own path: in the folder, the file itself, or beside the archive. */
export function recordPath(kind: BackupKind, path: string): string {
  const { shape: lies } = KINDS[kind]
  if (lies === 'folder') return posix.join(path, 'backup.json')
  if (lies !== 'archive') return path
  return `${path.replace(/(?:\.zip|\.tar\.gz(?:\.gpg|\.age)?)$/, '')}${kind === 'bundle' ? '.lock.json' : '.json'}`
}
