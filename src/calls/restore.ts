import { lstat, rmdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { size } from '../core/age.ts'
import { held } from '../core/failure.ts'
import type { ReleaseRow } from '../core/facts.ts'
import type { CallRegistry, Io } from '../core/plan.ts'
import { listReleases, openReleases } from '../records/release-record.ts'
import { freeSpace } from '../world/disk.ts'
import { makeFolder } from '../world/files.ts'

type Room = { dir: string; bytes: number; spare: number }
type Records = { url: string; rows: ReleaseRow[] }

const ALL = 1_000_000

/** What a restore needs besides its sources: room, the release records carried over, a folder to put things in. */
export const restoreCalls = {
  'restore.room': async ({ dir, bytes, spare }: Room) => {
    const { free } = await freeSpace(dir)
    if (free >= bytes + spare) return { free }
    throw held(
      'There is not enough room',
      `${size(free)} are free, and a restore needs about ${size(bytes)} besides the ${size(spare)} to be kept free`,
      ['Make room: knowngood prune -n shows what may go.'],
    )
  },

  'records.read': async ({ url }: Pick<Records, 'url'>, io: Io) => ({ rows: await listReleases(io.root, url, ALL) }),

  /** The oldest first, so that they stand in the order they had. One that came back with the backup is not added twice. */
  'records.carry': async ({ url, rows }: Records, io: Io) => {
    const releases = await openReleases(io.root, url)
    try {
      let added = 0
      for (const { id: _, ...row } of rows.toReversed()) if (releases.insert(row).added) added += 1
      if (added > 0) io.line(`${added} release records are newer than the backup and were carried over`)
      return { added }
    } finally {
      releases.close()
    }
  },

  /** A folder for what is put beside; `made` is whether it was not there. */
  'restore.folder': async ({ dir }: Pick<Room, 'dir'>) => {
    await makeFolder(dir)
    return { dir }
  },

  'restore.folder.look': async ({ dir }: Pick<Room, 'dir'>) => {
    const missing: string[] = []
    for (let path = dir; (await lstat(path).catch(() => null)) === null; path = dirname(path)) missing.push(path)
    return { missing }
  },

  'restore.folder.probe': async ({ dir }: Pick<Room, 'dir'>) => {
    const stat = await lstat(dir).catch(() => null)
    return { state: stat === null ? 'absent' : stat.isDirectory() ? 'done' : 'foreign', saw: null, gives: { dir } }
  },

  /** Only folders that were not there, and only while they are empty. */
  'restore.folder.remove': async ({ was }: { was: { missing: string[] } | null }) => {
    for (const path of was?.missing ?? []) {
      const gone = await rmdir(path).then(
        () => true,
        () => false,
      )
      if (!gone) break
    }
    return {}
  },
} satisfies CallRegistry
