import { lstat, rmdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { size } from '../core/age.ts'
import { held, messageOf } from '../core/failure.ts'
import type { ReleaseRow } from '../core/facts.ts'
import type { CallRegistry, Io } from '../core/plan.ts'
import { recordsVariable } from '../core/project.ts'
import { addReleases, readReleases } from '../records/releases.ts'
import { freeSpace } from '../world/disk.ts'
import { exists, makeFolder } from '../world/files.ts'

type Room = { dir: string; bytes: number; spare: number }
type Records = { url: string; rows: ReleaseRow[] }

const ALL = 1_000_000
/** Reading all of them may take a while. */
const READ_MS = 60_000

/** What a restore needs besides its sources: room, the release records carried over, a folder to put things in. */
export const restoreCalls = {
  'restore.room': async ({ dir, bytes, spare }: Room) => {
    const { free } = await freeSpace(dir)
    if (free >= bytes + spare) return { free }
    throw held(
      `There is no room on the volume of ${dir}: ${size(bytes + spare - free)} are missing`,
      `${size(free)} are free, and a restore needs about ${size(bytes)} besides the ${size(spare)} to be kept free`,
      [
        `See what fills it: df -h ${dir}`,
        'Make room: knowngood prune -n shows what may go, knowngood status what earlier restores keep.',
        'Or put it beside, on another volume: knowngood restore ID --to DIR',
      ],
    )
  },

  /** Looked for before anything is stopped: what a swap back would make live again. */
  'restore.kept': async ({ run, paths }: { run: string; paths: string[] }, io: Io) => {
    const gone: string[] = []
    for (const path of paths) if (!(await exists(resolve(io.root, path)))) gone.push(path)
    if (gone.length === 0) return {}
    throw held(`${run} cannot be swapped back`, `of what it kept ${gone.join(', ')} is gone`, [
      'Restore its snapshot instead: knowngood restore lists it as pre-restore-…',
      `Remove the rest of it: knowngood restore --forget ${run}`,
    ])
  },

  /** A database that is restored because it is broken cannot always be read: then there is nothing to carry over. */
  'records.read': async ({ url }: Pick<Records, 'url'>, io: Io) => {
    try {
      return { rows: await readReleases({ root: io.root, url, signal: io.signal }, ALL, READ_MS) }
    } catch (error) {
      if (recordsVariable(url) === null || io.signal.aborted) throw error
      io.line(`The release records cannot be read, and newer ones cannot be carried over: ${messageOf(error)}`)
      return { rows: [] }
    }
  },

  /** The oldest first, so that they stand in the order they had. One that came back with the backup is not added twice. */
  'records.carry': async ({ url, rows }: Records, io: Io) => {
    if (rows.length === 0) return { added: 0 }
    const known = rows.toReversed().map(({ id: _, ...row }) => row)
    const carried = await addReleases({ root: io.root, url, signal: io.signal }, known)
    const added = carried.filter((one) => one.added).length
    if (added > 0) io.line(`${added} release records are newer than the backup and were carried over`)
    return { added }
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
