import { lstatSync } from 'node:fs'
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
import type { BackupReader, Entry, Found, Named } from './backup-readers.ts'
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
  const { backups } = project
  // Who takes a file goes by what is configured as well as by its name.
  const learnt = `${READERS} ${JSON.stringify(backups)}`
  const [proofs, cache, places] = await Promise.all([
    readProofs(root),
    openReadingCache<Named | null>(root, 'backups', { learnt, shape: foundRow, sizes }),
    backupPlaces(root, backups),
  ])
  const found: Named[] = []
  for (const { dir, readers } of places) await listFolder({ root, dir, readers, cache }, found)
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

type Folder = { root: string; dir: string; readers: readonly BackupReader[]; cache: ReadingCache<Named | null> }

/** Adds what lies in a folder. What was read before and stands as it did is not asked for its name again. */
async function listFolder(folder: Folder, found: Named[]): Promise<void> {
  const names = await readdir(resolve(folder.root, folder.dir)).catch((error: unknown) => {
    // A drive that is away holds nothing now; who lists says so.
    if (['ENOENT', 'ENOTDIR', 'ENOTCONN', 'EIO', 'ESTALE'].includes(codeOf(error) ?? '')) return []
    throw error
  })
  const all = new Set(names)
  const turn = turnTaker()
  for (const name of names) {
    const path = `${folder.dir}/${name}`
    const kept = folder.cache.kept(path)
    const one = kept === undefined ? await readEntry(folder, path, name, all) : kept
    if (one !== null) found.push(one)
    const pause = turn()
    if (pause !== undefined) await pause
  }
}

async function readEntry(
  { root, dir, readers, cache }: Folder,
  path: string,
  name: string,
  all: ReadonlySet<string>,
): Promise<Named | null> {
  const kind = kindOf(resolve(root, path))
  if (kind === null) return null
  const asked: string[] = []
  const has = (other: string): boolean => {
    asked.push(`${dir}/${other}`)
    return all.has(other)
  }
  const taken = takenBy(readers, { name, folder: kind === 'folder', beside: { has } })
  if (taken === null) return null
  const [reader, named] = taken
  try {
    return await cache.read(path, async (look) => {
      // Who takes it may be another one when these come or go.
      for (const other of asked) look(other)
      const found = await reader.read(root, path, named, look)
      return found === null ? null : { ...found, name: named.id }
    })
  } catch (error) {
    return { ...unreadable(path, named, error), name: named.id }
  }
}

/** Links and pipes are nobody's backups; a pipe would hang the reader. What cannot be looked at is read, and says why it cannot. */
function kindOf(path: string): 'file' | 'folder' | null {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false })
    return stat?.isDirectory() === true ? 'folder' : stat?.isFile() === true ? 'file' : null
  } catch {
    return 'file'
  }
}

/** The first that takes an entry reads it. */
function takenBy(readers: readonly BackupReader[], entry: Entry): [BackupReader, NamedFile] | null {
  for (const reader of readers) {
    const name = reader.takes(entry)
    if (name !== null) return [reader, name]
  }
  return null
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
  const add = (one: Named): void => {
    let id = taken.has(one.record.id) ? one.name : one.record.id
    while (taken.has(id)) id += '-copy'
    taken.add(id)
    all.push(id === one.record.id ? one : { ...one, record: { ...one.record, id } })
  }
  for (const one of found) if (one.record.id === one.name) add(one)
  for (const one of found) if (one.record.id !== one.name) add(one)
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
