import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Backups } from '../core/project.ts'
import { bundleReader, driveReader, dumpReader } from './archive-readers.ts'
import { plainReaders } from './backup-readers.ts'
import type { BackupReader } from './backup-readers.ts'
import { folderReader } from './folder-readers.ts'

type Place = { dir: string; readers: BackupReader[] }

/** Every folder that holds backups, with what can be read there; a folder that several kinds share is listed once. */
export async function backupPlaces(root: string, backups: Backups): Promise<Place[]> {
  const { quick, full, site, prod, release, set, baseline, bundle, dump, data } = backups
  const all: [string, readonly BackupReader[]][] = [
    [quick.dir, plainReaders],
    [full.dir, plainReaders],
    [site.dir, plainReaders],
    [prod.dir, plainReaders],
    [set.dir, [folderReader('set')]],
    [release.dir, [folderReader('release')]],
    [baseline.dir, [folderReader('baseline')]],
    [bundle.dir, [bundleReader(bundle.name)]],
    [dump.dir, [dumpReader]],
    ...(data === null ? [] : (await days(root, data.dir)).map((dir) => dayPlace(dir, data.name))),
  ]
  const places = new Map<string, Set<BackupReader>>()
  for (const [dir, readers] of all) {
    const known = places.get(dir) ?? new Set()
    for (const reader of readers) known.add(reader)
    places.set(dir, known)
  }
  return [...places].map(([dir, readers]) => ({ dir, readers: [...readers] }))
}

function dayPlace(dir: string, name: string): [string, readonly BackupReader[]] {
  return [dir, [driveReader(name)]]
}

/** The folders of days on a drive: YYYY/MM-DD. */
async function days(root: string, dir: string): Promise<string[]> {
  const years = await below(root, dir, /^\d{4}$/)
  return (await Promise.all(years.map((year) => below(root, year, /^\d\d-\d\d$/)))).flat()
}

async function below(root: string, dir: string, name: RegExp): Promise<string[]> {
  const entries = await readdir(resolve(root, dir), { withFileTypes: true }).catch(() => [])
  return entries.flatMap((entry) => (entry.isDirectory() && name.test(entry.name) ? [join(dir, entry.name)] : []))
}
