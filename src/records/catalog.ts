import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ListedBackup, Proof } from '../core/backup.ts'
import { messageOf } from '../core/failure.ts'
import { backupName, foundArchive } from '../core/found-backup.ts'
import type { NamedFile } from '../core/found-backup.ts'
import type { Project } from '../core/project.ts'
import { proven } from '../core/proof.ts'
import { codeOf } from '../world/files.ts'
import { backupReaders, READERS } from './backup-readers.ts'
import type { Entry, Found } from './backup-readers.ts'
import { readProofs } from './proofs.ts'
import { openReadingCache, turnTaker } from './reading-cache.ts'
import type { ReadingCache } from './reading-cache.ts'

/** Every backup of the project, newest first by its recorded time, those made before Knowngood included. */
export async function listBackups(root: string, project: Pick<Project, 'backups'>): Promise<ListedBackup[]> {
  const { quick, prod } = project.backups
  const folders = [...new Set([quick.dir, join(prod.dir, 'full'), prod.dir])]
  const [proofs, cache] = await Promise.all([
    readProofs(root),
    openReadingCache<Found | null>(root, 'backups', READERS),
  ])
  const found: Found[] = []
  for (const folder of folders) found.push(...(await listFolder(root, folder, cache)))
  await cache.save()
  return distinct(found)
    .map((one) => ({ at: Date.parse(one.record.at), backup: withProof(one, proofs.get(one.record.id) ?? []) }))
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

async function listFolder(root: string, folder: string, cache: ReadingCache<Found | null>): Promise<Found[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return []
    throw error
  })
  const beside = new Set(entries.map((entry) => entry.name))
  const found: Found[] = []
  const turn = turnTaker()
  for (const entry of entries) {
    // Links and pipes are nobody's backups; a pipe would hang the reader.
    if (!entry.isFile() && !entry.isDirectory()) continue
    const reading = readEntry(root, folder, { name: entry.name, folder: entry.isDirectory(), beside }, cache)
    const one = reading instanceof Promise ? await reading : reading
    if (one !== null) found.push(one)
    await turn()
  }
  return found
}

function readEntry(
  root: string,
  folder: string,
  entry: Entry,
  cache: ReadingCache<Found | null>,
): Found | null | Promise<Found | null> {
  const path = `${folder}/${entry.name}`
  for (const reader of backupReaders) {
    const name = reader.takes(entry)
    if (name === null) continue
    try {
      const found = cache.of(path, (look) => reader.read(root, path, name, look))
      return found instanceof Promise ? found.catch((error: unknown) => unreadable(path, name, error)) : found
    } catch (error) {
      return unreadable(path, name, error)
    }
  }
  return null
}

function unreadable(path: string, name: NamedFile, error: unknown): Found {
  const record = foundArchive(name, { path, bytes: 0, digest: '', modified: new Date(0).toISOString() })
  const because = codeOf(error) === 'ENOENT' ? 'it vanished while it was read' : messageOf(error)
  return { record, state: codeOf(error) === 'ENOENT' ? 'missing' : 'damaged', because }
}

/** A copied file keeps the id written in it; only the one whose name agrees may be called by it. */
function distinct(found: readonly Found[]): Found[] {
  const taken = new Set<string>()
  const named = found.map((one) => {
    const name = backupName(one.record.path.split('/').at(-1) ?? '')?.id ?? one.record.id
    return { one, name, agrees: one.record.id === name }
  })
  return [...named.filter(({ agrees }) => agrees), ...named.filter(({ agrees }) => !agrees)].map(({ one, name }) => {
    let id = taken.has(one.record.id) ? name : one.record.id
    while (taken.has(id)) id += '-copy'
    taken.add(id)
    return id === one.record.id ? one : { ...one, record: { ...one.record, id } }
  })
}

function withProof(one: Found, proofs: readonly Proof[]): ListedBackup {
  const { rung, provenAt, failed } = proven(one.record, proofs)
  const state = one.state === 'ok' && failed !== null ? 'damaged' : one.state
  return { ...one.record, rung, provenAt, state, because: one.because ?? failed }
}
