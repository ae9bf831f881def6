import { posix } from 'node:path'
import type { BackupKind, BackupRecord, Part } from './backup.ts'

/** A file of a folder as a reader saw it; `sha256` is empty where no list of checksums names it. */
export type FolderFile = { path: string; bytes: number; sha256: string }

/** What the file names of a database export say about what made it. */
const ENGINES: readonly [RegExp, string][] = [
  [/\.(?:dump|sql|sql\.gz|pgdump)$/, 'postgres'],
  [/\.(?:db|sqlite3?)$/, 'sqlite'],
  [/\.rdb$/, 'redis'],
  [/\.zip$/, 'convex'],
]

/** A file of a folder the teams' own scripts made, as a part; null for what explains the folder. */
function partOf(file: FolderFile): Part | null {
  const { path, bytes, sha256 } = file
  const [top = '', ...rest] = path.split('/')
  const plain = { path, bytes, sha256, unsettled: [] }
  if (top === 'docker' && rest[0] === 'images') return { ...plain, source: 'images', use: 'docker' }
  if (top === 'git' && rest.length > 0) return { ...plain, source: 'git', use: 'git' }
  if (top === 'code' && rest.length > 0) return { ...plain, source: 'code', use: 'files' }
  if (top === 'files' && rest.length > 0) return { ...plain, source: 'files', use: 'files' }
  if (path === 'environment.json') return { ...plain, source: 'environment', use: 'environment' }
  const database = top === 'database' || top === 'redis' || rest.length === 0
  const engine = database ? ENGINES.find(([ending]) => ending.test(path))?.[1] : undefined
  if (engine === undefined) return null
  return { ...plain, source: engine === 'redis' ? 'cache' : 'database', use: engine }
}

/** A folder without a record of ours, as its files tell. `digest` is its checksum list's, empty without one. */
export function foundFolder(
  kind: BackupKind,
  id: string,
  folder: { path: string; at: string; commit: string | null; version: string | null; digest: string },
  files: readonly FolderFile[],
): BackupRecord {
  const { path, at, commit, version, digest } = folder
  return {
    schema: 1,
    id,
    kind,
    at,
    origin: 'found',
    run: null,
    operator: null,
    commit,
    commitSubject: null,
    branch: null,
    notes: version,
    schemaRevision: null,
    path,
    parts: files.flatMap((file) => partOf(file) ?? []),
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    digest,
  }
}

/** A time in a name: `20251121_120711Z` and the forms other tools write, as ISO 8601, UTC; null without one. */
export function timeIn(name: string): string | null {
  const [, y = '', mo = '', d = '', h = '00', mi = '00', s = '00'] =
    /(\d{4})-?(\d\d)-?(\d\d)(?:[T_-]?(\d\d)[:-]?(\d\d)[:-]?(\d\d))?/.exec(name) ?? []
  const time = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`)
  return Number.isNaN(time) ? null : new Date(time).toISOString()
}

/** A path of a record, relative to the root and inside it; null for one that leads out. */
export function insidePath(path: string): string | null {
  const plain = posix.normalize(path)
  return plain === '..' || plain.startsWith('../') || posix.isAbsolute(plain) ? null : plain
}
