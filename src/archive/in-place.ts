import { fstatSync, lstatSync, readlinkSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { joinPath, pathFrom, shownPath, systemPath } from './tree-path.ts'

const LOOK = { bigint: true, throwIfNoEntry: false } as const
/** What the system says behind the name of a file that was removed, or replaced by another, since it was opened. */
const REMOVED = ' (deleted)'

/**
 * Whether the file that is open stands, or until it was removed stood, at `path` below `root` (both as in `tree-path.ts`): itself, and not something
 * elsewhere that a link on the way led to. Links above the root are the caller's.
 */
export function standsAt(fd: number, root: string, path: string): boolean {
  const name = nameOf(fd)
  if (name === null) return looksIt(fd, root, path)
  const place = placeOf(root, path)
  return place !== null && (name === place || name === place + REMOVED)
}

/** Null where the system does not tell. */
function nameOf(fd: number): string | null {
  if (process.platform !== 'linux') return null
  try {
    return readlinkSync(`/proc/self/fd/${fd}`, 'latin1')
  } catch {
    return null
  }
}

/** Null when there is no such root any more. */
function placeOf(root: string, path: string): string | null {
  try {
    const shown = shownPath(root)
    return pathFrom(join(realpathSync(dirname(shown)), basename(shown), '/')) + path
  } catch {
    return null
  }
}

/** By looking at everything on the way, before and after. */
function looksIt(fd: number, root: string, path: string): boolean {
  const own = fstatSync(fd, LOOK)
  if (!isDirect(root, path)) return false
  const there = lstatSync(systemPath(joinPath(root, path)), LOOK)
  return there?.ino === own?.ino && there?.dev === own?.dev && isDirect(root, path)
}

function isDirect(root: string, path: string): boolean {
  const names = path.split('/')
  return names.every((_, index) => {
    const folder = systemPath(joinPath(root, names.slice(0, index).join('/')).replace(/\/$/, '') || '/')
    return lstatSync(folder, LOOK)?.isDirectory() === true
  })
}
