import { readdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ListedBackup, Proof } from '../core/backup.ts'
import { messageOf } from '../core/failure.ts'
import { foundArchive } from '../core/found-backup.ts'
import type { NamedFile } from '../core/found-backup.ts'
import type { Project } from '../core/project.ts'
import { proven } from '../core/proof.ts'
import { codeOf } from '../world/files.ts'
import { turnTaker } from '../world/turn.ts'
import { backupPlaces } from './backup-places.ts'
import { READERS } from './backup-readers.ts'
import type { BackupReader, Entry, Found } from './backup-readers.ts'
import { foundRow } from './found-row.ts'
import { readProofs } from './proofs.ts'
import { openReadingCache } from './reading-cache.ts'
import type { ReadingCache, Sizes } from './reading-cache.ts'

/**
 * Every backup of the project, newest first by its recorded time, those made before Knowngood included. The sizes of
 * the files that were looked at are noted in `sizes`.
 */
export async function listBackups(
  root: string,
  project: Pick<Project, 'backups'>,
  sizes?: Sizes,
): Promise<ListedBackup[]> {
  const [proofs, cache] = await Promise.all([
    readProofs(root),
    openReadingCache<Found | null>(root, 'backups', { learnt: READERS, shape: foundRow, sizes }),
  ])
  const found: Named[] = []
  for (const { dir, readers } of await backupPlaces(root, project.backups))
    found.push(...(await listFolder(root, dir, readers, cache)))
  await cache.save()
  return distinct(found)
    .map((one) => ({ at: Date.parse(one.record.at), backup: withProof(one, proofs.get(one.record.id)) }))
    .toSorted((a, b) => b.at - a.at || (a.backup.id < b.backup.id ? 1 : -1))
    .map(({ backup }) => backup)
}

/** The backup with this id, or null. */
export async function findBackup(
  root: string,
  project: Pick<Project, 'backups'>,
  id: string,
): Promise<ListedBackup | null> {
  return (await listBackups(root, project)).find((backup) => backup.id === id) ?? null
}

/** What was read, and the id its file's own name gives it. */
type Named = { one: Found; name: string }

async function listFolder(
  root: string,
  folder: string,
  readers: readonly BackupReader[],
  cache: ReadingCache<Found | null>,
): Promise<Named[]> {
  const entries = await readdir(resolve(root, folder), { withFileTypes: true }).catch((error: unknown) => {
    // A drive that is away holds nothing now; who lists says so.
    if (['ENOENT', 'ENOTDIR', 'ENOTCONN', 'EIO', 'ESTALE'].includes(codeOf(error) ?? '')) return []
    throw error
  })
  const beside = new Set(entries.map((entry) => entry.name))
  const found: Named[] = []
  const turn = turnTaker()
  for (const entry of entries) {
    // Links and pipes are nobody's backups; a pipe would hang the reader.
    if (!entry.isFile() && !entry.isDirectory()) continue
    const given = { name: entry.name, folder: entry.isDirectory(), beside }
    const [reader, name] = takenBy(readers, given) ?? []
    if (reader === undefined || name === undefined) continue
    const reading = readEntry(root, `${folder}/${entry.name}`, reader, name, cache)
    const one = reading instanceof Promise ? await reading : reading
    if (one !== null) found.push({ one, name: name.id })
    await turn()
  }
  return found
}

/** The first that takes an entry reads it. */
function takenBy(readers: readonly BackupReader[], entry: Entry): [BackupReader, NamedFile] | null {
  for (const reader of readers) {
    const name = reader.takes(entry)
    if (name !== null) return [reader, name]
  }
  return null
}

function readEntry(
  root: string,
  path: string,
  reader: BackupReader,
  name: NamedFile,
  cache: ReadingCache<Found | null>,
): Found | null | Promise<Found | null> {
  try {
    const found = cache.of(path, (look) => reader.read(root, path, name, look))
    return found instanceof Promise ? found.catch((error: unknown) => unreadable(path, name, error)) : found
  } catch (error) {
    return unreadable(path, name, error)
  }
}

function unreadable(path: string, name: NamedFile, error: unknown): Found {
  const record = foundArchive(name, { path, bytes: 0, digest: '', modified: new Date(0).toISOString() })
  const because = codeOf(error) === 'ENOENT' ? 'it vanished while it was read' : messageOf(error)
  return { record, state: codeOf(error) === 'ENOENT' ? 'missing' : 'damaged', because }
}

/** A copied file keeps the id written in it; only the one whose name agrees may be called by it. */
function distinct(found: readonly Named[]): Found[] {
  const taken = new Set<string>()
  const all: Found[] = []
  const add = ({ one, name }: Named): void => {
    let id = taken.has(one.record.id) ? name : one.record.id
    while (taken.has(id)) id += '-copy'
    taken.add(id)
    all.push(id === one.record.id ? one : { ...one, record: { ...one.record, id } })
  }
  for (const named of found) if (named.one.record.id === named.name) add(named)
  for (const named of found) if (named.one.record.id !== named.name) add(named)
  return all
}

function withProof(one: Found, proofs: readonly Proof[] | undefined): ListedBackup {
  // Most of thousands were never proven.
  if (proofs === undefined)
    return { ...one.record, rung: 'found', provenAt: null, state: one.state, because: one.because }
  const { rung, provenAt, failed } = proven(one.record, proofs)
  const state = one.state === 'ok' && failed !== null ? 'damaged' : one.state
  return { ...one.record, rung, provenAt, state, because: one.because ?? failed }
}
