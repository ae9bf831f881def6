import { createHash } from 'node:crypto'
import { constants, lstatSync, readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import type { BackupRecord, ListedBackup, Proof } from '../core/backup.ts'
import { messageOf } from '../core/failure.ts'
import { backupName, foundArchive, readPointer } from '../core/found-backup.ts'
import type { NamedFile } from '../core/found-backup.ts'
import type { Project } from '../core/project.ts'
import { proven } from '../core/proof.ts'
import { codeOf, exists } from '../world/files.ts'
import { readArchiveRecord } from './archive-record.ts'
import { readProofs } from './proofs.ts'
import { zipFlaw } from './zip-flaw.ts'

type Found = { record: BackupRecord; state: ListedBackup['state']; because: string | null }

/** Every backup of the project, newest first by its recorded time, those made before Knowngood included. */
export async function listBackups(root: string, project: Pick<Project, 'backups'>): Promise<ListedBackup[]> {
  const { quick, prod } = project.backups
  const folders = [...new Set([quick.dir, join(prod.dir, 'full'), prod.dir])]
  const [proofs, ...found] = await Promise.all([readProofs(root), ...folders.map((folder) => listFolder(root, folder))])
  return distinct(found.flat())
    .map((one) => withProof(one, proofs.get(one.record.id) ?? []))
    .toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at) || (a.id < b.id ? 1 : -1))
}

/** The backup with this id, or null. */
export async function findBackup(
  root: string,
  project: Pick<Project, 'backups'>,
  id: string,
): Promise<ListedBackup | null> {
  return (await listBackups(root, project)).find((backup) => backup.id === id) ?? null
}

async function listFolder(root: string, folder: string): Promise<Found[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return []
    throw error
  })
  const names = new Set(entries.map((entry) => entry.name))
  const found: Found[] = []
  let sinceBreath = 0
  for (const entry of entries) {
    // Links, pipes and folders are nobody's backups; a pipe would hang the reader.
    if (!entry.isFile()) continue
    const path = join(folder, entry.name)
    const name = backupName(entry.name)
    if (name === null) {
      const zip = entry.name.endsWith('.json') ? `${entry.name.slice(0, -5)}.zip` : null
      if (zip !== null && backupName(zip) !== null && !names.has(zip))
        found.push(...(await orphan(root, join(folder, zip))))
      continue
    }
    found.push(entry.name.endsWith('.json') ? await pointer(root, path, name) : await archive(root, path, name))
    // Small files are read several times faster in line than through the pool; every so often others get a turn.
    if ((sinceBreath += 1) % 100 === 0) await breathe()
  }
  return found
}

async function pointer(root: string, path: string, name: NamedFile): Promise<Found> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  try {
    const bytes = readFileSync(join(root, path), { flag: flags as unknown as string })
    const modified = name.at ?? lstatSync(join(root, path)).mtime.toISOString()
    const digest = createHash('sha256').update(bytes).digest('hex')
    const { record, damaged, exportPath } = readPointer(bytes.toString('utf8'), name, {
      path,
      bytes: bytes.length,
      digest,
      modified,
    })
    if (damaged !== null) return { record, state: 'damaged', because: damaged }
    const gone = exportPath !== null && !(await exists(join(root, exportPath)))
    return { record, state: gone ? 'missing' : 'ok', because: gone ? `its export ${exportPath} is gone` : null }
  } catch (error) {
    return unreadable(path, name, error)
  }
}

async function archive(root: string, path: string, name: NamedFile): Promise<Found> {
  try {
    const stat = lstatSync(join(root, path))
    const file = { path, bytes: stat.size, digest: '', modified: stat.mtime.toISOString() }
    const [record, flaw] = await Promise.all([readArchiveRecord(root, path), zipFlaw(join(root, path))])
    if (record === null)
      return { record: foundArchive(name, file), state: flaw === null ? 'ok' : 'damaged', because: flaw }
    if (typeof record === 'string') return { record: foundArchive(name, file), state: 'damaged', because: record }
    const changed = record.bytes === stat.size ? flaw : `it has ${stat.size} bytes; its record says ${record.bytes}`
    return { record, state: changed === null ? 'ok' : 'damaged', because: changed }
  } catch (error) {
    return unreadable(path, name, error)
  }
}

/** A record whose archive is gone. */
async function orphan(root: string, path: string): Promise<Found[]> {
  const record = await readArchiveRecord(root, path)
  if (record === null || typeof record === 'string') return []
  return [{ record, state: 'missing', because: `${path} is gone` }]
}

function unreadable(path: string, name: NamedFile, error: unknown): Found {
  const record = foundArchive(name, { path, bytes: 0, digest: '', modified: new Date(0).toISOString() })
  const because = codeOf(error) === 'ENOENT' ? 'it vanished while it was read' : messageOf(error)
  return { record, state: codeOf(error) === 'ENOENT' ? 'missing' : 'damaged', because }
}

/** A copied file keeps the id written in it; only the one whose name agrees may be called by it. */
function distinct(found: Found[]): Found[] {
  const taken = new Set<string>()
  const named = (one: Found) => backupName(one.record.path.split('/').at(-1) ?? '')?.id ?? one.record.id
  const first = found.toSorted((a, b) => Number(b.record.id === named(b)) - Number(a.record.id === named(a)))
  return first.map((one) => {
    let id = taken.has(one.record.id) ? named(one) : one.record.id
    while (taken.has(id)) id += '-copy'
    taken.add(id)
    return { ...one, record: { ...one.record, id } }
  })
}

function withProof(one: Found, proofs: readonly Proof[]): ListedBackup {
  const { rung, provenAt, failed } = proven(one.record, proofs)
  const state = one.state === 'ok' && failed !== null ? 'damaged' : one.state
  return { ...one.record, rung, provenAt, state, because: one.because ?? failed }
}
