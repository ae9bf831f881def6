import { posix } from 'node:path'
import { recordPath } from '../core/backup-names.ts'
import type { BackupKind, BackupRecord } from '../core/backup.ts'
import { foundArchive } from '../core/found-backup.ts'
import { timeIn } from '../core/found-folder.ts'
import { asRecord } from './archive-record.ts'
import type { BackupReader, Found } from './backup-readers.ts'
import { standing } from './backup-readers.ts'
import { readPlain, sha256Text } from './read-plain.ts'
import type { Look } from './reading-cache.ts'

/** A time as ours and other tools write it in a name, with `-2` where two were made at once. */
const TIME = String.raw`\d{8}[T_-]?\d{6}Z?(?:-\d{1,3})?`
const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)

/** Bundles of one name, ours and those of the teams' own script, by their lock files; without one by their name alone. */
export function bundleReader(name: string): BackupReader {
  const archive = new RegExp(`^${escaped(name)}-v(\\d[^/]*?)-(${TIME})\\.tar\\.gz$`)
  const lock = new RegExp(`^${escaped(name)}-v(\\d[^/]*?)-(${TIME})\\.lock\\.json$`)
  return {
    takes({ name: file, folder, beside }) {
      const tar = lock.test(file) ? file.replace(/\.lock\.json$/, '.tar.gz') : file
      const [, , time] = archive.exec(tar) ?? []
      // The archive speaks for both; a lock file only for one that is gone.
      if (folder || time === undefined || (tar !== file && beside.has(tar))) return null
      return { id: `bundle-${time}`, kind: 'bundle', at: timeIn(time) }
    },
    read(root, path, named, look) {
      const tar = path.replace(/\.lock\.json$/, '.tar.gz')
      const stat = look(tar)
      const lockFile = recordPath('bundle', tar)
      const file = {
        path: tar,
        bytes: stat?.size ?? 0,
        digest: '',
        modified: (stat?.mtime ?? new Date(0)).toISOString(),
      }
      const plain = foundArchive(named, file)
      if (look(lockFile) === undefined) return { record: plain, state: 'ok', because: null }
      const said = object(root, lockFile)
      if (said === null) return { record: plain, state: 'damaged', because: 'its lock file is not valid JSON' }
      const word = (...keys: string[]) =>
        keys.map((key) => said[key]).find((value) => typeof value === 'string') ?? null
      // "app" and "app-v2" begin alike; the lock file says whose it is.
      if ((word('name') ?? name) !== name) return null
      const sha256 = word('sha256', 'checksum', 'digest') ?? ''
      const bytes = typeof said['size'] === 'number' ? said['size'] : -1
      const run = word('run')
      const url = word('release_url')
      const record: BackupRecord = {
        ...plain,
        id: word('id') ?? plain.id,
        at: isoOf(word('createdAt', 'created_at', 'timestamp')) ?? plain.at,
        origin: run === null ? 'found' : 'knowngood',
        run,
        operator: word('operator'),
        commit: word('gitSha', 'git_sha', 'gitSHA', 'commit'),
        commitSubject: word('version') === null ? null : `v${word('version') ?? ''}`,
        notes: word('notes'),
        parts: [{ source: 'bundle', use: 'git', path: tar, bytes: Math.max(0, bytes), sha256, unsettled: [] }],
        digest: sha256,
        ...(url === null ? {} : { releaseUrl: url }),
      }
      return { record, ...standing([{ file: tar, path: tar, bytes }], look) }
    },
  }
}

/** Data archives of one name in the folder of a day: ours by their record, others by their name. */
export function driveReader(name: string): BackupReader {
  const archive = new RegExp(`^${escaped(name)}-(${TIME})\\.tar\\.gz(?:\\.gpg|\\.age)?$`)
  const own = new RegExp(`^${escaped(name)}-(${TIME})\\.json$`)
  return {
    takes({ name: file, folder }) {
      const time = own.exec(file)?.[1] ?? archive.exec(file)?.[1]
      return folder || time === undefined ? null : { id: `data-${time}`, kind: 'data', at: timeIn(time) }
    },
    read(root, path, named, look) {
      const stat = look(path)
      if (path.endsWith('.json')) return recorded(root, path, 'data', look)
      const time = archive.exec(posix.basename(path))?.[1] ?? ''
      if (isRecorded(root, `${posix.dirname(path)}/${name}-${time}.json`, path, 'data', look)) return null
      const file = { path, bytes: stat?.size ?? 0, digest: '', modified: (stat?.mtime ?? new Date(0)).toISOString() }
      return { record: foundArchive(named, file), state: 'ok', because: null }
    },
  }
}

/** Dumps: ours by their record, plain SQL of the teams' own scripts by its ending. */
export const dumpReader: BackupReader = {
  takes({ name: file, folder }) {
    const mine = /^dump-(\d{8}_\d{6}Z(?:-\d+)?)\.json$/.exec(file)?.[1]
    if (mine !== undefined && !folder) return { id: `dump-${mine}`, kind: 'dump', at: timeIn(mine) }
    if (folder || !/\.(?:sql|sql\.gz|dump)$/.test(file)) return null
    return { id: `dump-${file}`, kind: 'dump', at: timeIn(file) }
  },
  read(root, path, named, look) {
    const stat = look(path)
    if (path.endsWith('.json')) return recorded(root, path, 'dump', look)
    const time = /-(\d{8}_\d{6}Z(?:-\d+)?)\.[a-z.]+$/.exec(path)?.[1] ?? ''
    if (isRecorded(root, `${posix.dirname(path)}/dump-${time}.json`, path, 'dump', look)) return null
    const bytes = stat?.size ?? 0
    const file = { path, bytes, digest: '', modified: (stat?.mtime ?? new Date(0)).toISOString() }
    const part = { source: 'database', use: 'postgres', path, bytes, sha256: '', unsettled: [] }
    const flaw = bytes === 0 ? 'the file is empty' : null
    return {
      record: { ...foundArchive(named, file), parts: [part] },
      state: flaw === null ? 'ok' : 'damaged',
      because: flaw,
    }
  },
}

/** A record with its files in the same folder, wherever that is mounted now. Null for a JSON that is none of ours. */
function recorded(root: string, path: string, kind: BackupKind, look: Look): Found | null {
  const body = readPlain(root, path)
  const said = asRecord(body)
  if (typeof said === 'string' || said.kind !== kind) return null
  const here = (file: string) => posix.join(posix.dirname(path), posix.basename(file))
  const parts = said.parts.map((part) => ({ ...part, path: here(part.path) }))
  const record = { ...said, parts, path: kind === 'dump' ? path : here(said.path) }
  const digest = kind === 'dump' ? sha256Text(body) : said.digest
  return {
    record: { ...record, digest },
    ...standing(
      parts.map((part) => ({ ...part, file: part.path })),
      look,
    ),
  }
}

/** Whether a record of ours speaks for a file beside it. A foreign JSON, or a torn one, hides nothing. */
function isRecorded(root: string, json: string, path: string, kind: BackupKind, look: Look): boolean {
  if (look(json)?.isFile() !== true) return false
  const said = asRecord(readPlain(root, json))
  if (typeof said === 'string' || said.kind !== kind) return false
  return [said, ...said.parts].some((one) => posix.basename(one.path) === posix.basename(path))
}

function object(root: string, path: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(readPlain(root, path))
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

function isoOf(time: string | null): string | null {
  const at = time === null ? Number.NaN : Date.parse(time)
  return Number.isNaN(at) ? null : new Date(at).toISOString()
}
