import { readdir, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { type ChecksumLine, formatChecksums, parseChecksums } from '../archive/checksum-list.ts'
import { sha256File } from '../archive/checksum.ts'
import type { BundleImage } from '../core/backup-input.ts'
import { recordPath } from '../core/backup-names.ts'
import type { BackupRecord } from '../core/backup.ts'
import { exists, readText, writeWhole } from '../world/files.ts'
import { readBundleLock } from './bundle-lock.ts'
import { placeFile } from './place-file.ts'

/** The lock file of a bundle: what the teams' tools read, then what ours add. */
type BundleLock = {
  name: string
  version: string
  gitSha: string
  sha256: string
  size: number
  createdAt: string
  release_url: string | null
  file: string
  id: string
  operator: string | null
  run: string | null
  notes: string | null
  dockerImage?: BundleImage
}

/** Gives a staged archive its name, `record.path`, and its record beside it. False when the name is taken by something else. */
export async function publishArchive(root: string, staged: string, record: BackupRecord): Promise<boolean> {
  if (!(await placeFile(staged, resolve(root, record.path), record.digest))) return false
  await writeWhole(resolve(root, recordPath(record.kind, record.path)), `${JSON.stringify(record, null, 2)}\n`)
  return true
}

/** The same for a bundle: its record is the lock file, and SHA256SUMS lists every bundle of the folder. */
export async function publishBundle(
  root: string,
  staged: string,
  record: BackupRecord,
  { name, version, image }: { name: string; version: string; image: BundleImage | null },
): Promise<boolean> {
  if (!(await placeFile(staged, resolve(root, record.path), record.digest))) return false
  const { id, operator, run, notes } = record
  const lock: BundleLock = {
    name,
    version,
    gitSha: record.commit ?? '',
    sha256: record.digest,
    size: record.bytes,
    createdAt: record.at,
    release_url: null,
    file: basename(record.path),
    id,
    operator,
    run,
    notes,
    ...(image === null ? {} : { dockerImage: image }),
  }
  await writeWhole(resolve(root, recordPath('bundle', record.path)), `${JSON.stringify(lock, null, 2)}\n`)
  await writeSums(root, dirname(record.path))
  return true
}

/**
 * SHA256SUMS over the archives that stand in a folder of bundles; removed with the last of them. Each line says what was recorded of
 * its archive, in its lock file or in the list so far: to hash an older one anew would vouch for whatever it has become.
 */
export async function writeSums(root: string, dir: string): Promise<void> {
  const folder = resolve(root, dir)
  const sums = join(folder, 'SHA256SUMS')
  const names = (await readdir(folder)).filter((name) => name.endsWith('.tar.gz')).toSorted()
  const listed = await linesOf(sums)
  const lines: ChecksumLine[] = []
  // The teams' own lists name lock files, too.
  for (const [path, sha256] of listed)
    if (!path.endsWith('.tar.gz') && (await exists(join(folder, path)))) lines.push({ path, sha256 })
  for (const path of names) {
    const said = lockedDigest(root, join(dir, path)) ?? listed.get(path)
    lines.push({ path, sha256: said ?? (await sha256File(join(folder, path))) })
  }
  await (names.length === 0 ? rm(sums, { force: true }) : writeWhole(sums, formatChecksums(lines)))
}

/** What a list says so far; nothing where there is none, or it is torn. */
async function linesOf(list: string): Promise<Map<string, string>> {
  const text = (await readText(list)) ?? ''
  try {
    return new Map(parseChecksums(text).map(({ path, sha256 }) => [path, sha256]))
  } catch {
    return new Map()
  }
}

/** The SHA-256 that a bundle's lock file has; null without one that can be read. */
function lockedDigest(root: string, path: string): string | null {
  try {
    const { sha256 } = readBundleLock(root, path, null)
    return /^[0-9a-f]{64}$/.test(sha256) ? sha256 : null
  } catch {
    return null
  }
}
