import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { CHECKSUMS } from '../archive/checksum-list.ts'
import type { BackupKind, BackupRecord } from '../core/backup.ts'
import { messageOf } from '../core/failure.ts'
import type { FolderFile } from '../core/found-folder.ts'
import { foundFolder, timeIn } from '../core/found-folder.ts'
import type { BackupReader, Found } from './backup-readers.ts'
import { standing } from './backup-readers.ts'
import { asRecord } from './archive-record.ts'
import { folderList } from './folder-list.ts'
import { readPlain, sha256Text } from './read-plain.ts'
import type { Look } from './reading-cache.ts'

/** Folders of backups that are none themselves. */
const PARENTS = new Set(['quick', 'full', 'releases'])
/** What tells a folder of the teams' own scripts from any other. */
const SIGNS = ['MANIFEST.md', CHECKSUMS, 'VERSION.txt', 'git/HEAD_COMMIT', 'HEAD_COMMIT']

/** Reads folders that explain themselves: ours by backup.json, others by the files the teams' scripts write. */
export function folderReader(kind: BackupKind & ('release' | 'set' | 'baseline')): BackupReader {
  return {
    takes({ name, folder }) {
      if (!folder || name.startsWith('.') || PARENTS.has(name)) return null
      return { id: kind === 'release' ? `release-${name}` : name, kind, at: timeIn(name) }
    },
    read(root, path, name, look) {
      const own = look(`${path}/backup.json`) === undefined ? null : asRecord(readPlain(root, `${path}/backup.json`))
      const list = look(`${path}/${CHECKSUMS}`) === undefined ? null : readPlain(root, `${path}/${CHECKSUMS}`)
      const digest = list === null ? '' : sha256Text(list)
      if (own !== null && typeof own !== 'string') {
        // A folder that was copied by hand is nobody's to prune.
        const origin = own.id === name.id ? own.origin : 'found'
        return ours({ ...own, kind, path, digest, origin }, look)
      }
      if (own === null && !SIGNS.some((sign) => look(`${path}/${sign}`) !== undefined)) return null
      const found = others(root, path, name, look, { list, digest })
      return own === null ? found : { ...found, state: 'damaged', because: own }
    },
  }
}

function ours(record: BackupRecord, look: Look): Found {
  if (record.digest === '') return { record, state: 'damaged', because: `${CHECKSUMS} is gone` }
  const files = record.parts.map((part) => ({ ...part, file: `${record.path}/${part.path}` }))
  return { record, ...standing(files, look) }
}

function others(
  root: string,
  path: string,
  name: { id: string; kind: BackupKind; at: string | null },
  look: Look,
  { list, digest }: { list: string | null; digest: string },
): Found {
  const sums = checksums(list)
  const files: FolderFile[] = []
  for (const entry of readdirSync(join(root, path), { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name).slice(join(root, path).length + 1)
    files.push({ path: file, bytes: look(`${path}/${file}`)?.size ?? 0, sha256: sums.of.get(file) ?? '' })
  }
  const head = ['git/HEAD_COMMIT', 'HEAD_COMMIT'].find((file) => files.some((one) => one.path === file))
  const commit =
    head === undefined ? null : (/^[0-9a-f]{7,64}/i.exec(readPlain(root, `${path}/${head}`).trim())?.[0] ?? null)
  const version = files.some((file) => file.path === 'VERSION.txt')
    ? readPlain(root, `${path}/VERSION.txt`).trim()
    : null
  const at = name.at ?? (look(path)?.mtime ?? new Date(0)).toISOString()
  const record = foundFolder(name.kind, name.id, { path, at, commit, version, digest }, files)
  const gone = [...sums.of.keys()].find((file) => !files.some((one) => one.path === file))
  if (sums.flaw !== null) return { record, state: 'damaged', because: sums.flaw }
  return gone === undefined
    ? { record, state: 'ok', because: null }
    : { record, state: 'damaged', because: `${gone} is gone` }
}

function checksums(list: string | null): { of: Map<string, string>; flaw: string | null } {
  if (list === null) return { of: new Map(), flaw: null }
  try {
    return { of: folderList(list, 'found'), flaw: null }
  } catch (error) {
    return { of: new Map(), flaw: messageOf(error) }
  }
}
