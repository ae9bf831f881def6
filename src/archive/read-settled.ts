import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { codeOf } from '../world/files.ts'
import { factsOf } from './file-facts.ts'
import type { FileFacts } from './file-facts.ts'
import { standsAt } from './in-place.ts'
import { joinPath, systemPath } from './tree-path.ts'

/** `opened` is when, in ms; `settled` says that nothing changed while it was read. `data` is only good until the next read. */
export type SmallFile = { facts: FileFacts; data: Uint8Array; opened: number; settled: boolean }

/** How often a file is read until it holds still. */
export const ATTEMPTS = 3
/** Not through a link that was planted since, and never waiting for the other end of a pipe. */
export const SAFELY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** Files up to this size are read in one go. */
export const SMALL = 1 << 20
const kept = { room: Buffer.alloc(0) }

/** Room for one small file, with something to spare should it grow: the same for all of a thread, one after the other. */
export function smallRoom(): Buffer {
  if (kept.room.length === 0) kept.room = Buffer.allocUnsafeSlow(SMALL + 65_536)
  return kept.room
}

/** A file as it stood when it was found, below a root; both paths as in `tree-path.ts`. */
export type FoundFile = { root: string; path: string; key: string; size: number }

/**
 * Reads a small file, again when it changed meanwhile. Null when it is gone or no file any more, and when another one than was found does not stand
 * in its place, but where a link on the way leads to. What outgrew `room` is cut, and not settled.
 */
export function readSettled(found: FoundFile, room: Buffer): SmallFile | null {
  const { root, path, key, size } = found
  const opened = Date.now()
  const fd = openOrNull(joinPath(root, path))
  if (fd === null) return null
  try {
    if (size <= room.length) {
      const length = fillIfFile(fd, room.subarray(0, size))
      const facts = factsOf(fstatSync(fd, { bigint: true }))
      if (length === size && facts.key === key && facts.kind === 'file')
        return { facts, data: room.subarray(0, length), opened, settled: true }
    }
    if (!isFound(fd, found)) return null
    for (let attempt = 1; ; attempt += 1) {
      const before = factsOf(fstatSync(fd, { bigint: true }))
      if (before.kind !== 'file') return null
      const length = fill(fd, room.subarray(0, Math.min(before.size, room.length)), 0)
      const after = factsOf(fstatSync(fd, { bigint: true }))
      const settled = length === before.size && before.key === after.key
      if (settled || attempt === ATTEMPTS) return { facts: before, data: room.subarray(0, length), opened, settled }
    }
  } finally {
    closeSync(fd)
  }
}

/** Whether what is open is what was found, or took its place: a file is often saved by another one that gets its name. */
export function isFound(fd: number, { root, path, key }: FoundFile): boolean {
  return factsOf(fstatSync(fd, { bigint: true })).key === key || standsAt(fd, root, path)
}

/** Null when nothing stands there, or a link. */
function openOrNull(path: string): number | null {
  try {
    return openSync(systemPath(path), SAFELY)
  } catch (error) {
    if (isGone(error)) return null
    throw error
  }
}

/** Nothing stands there any more, or a link, or a pipe that nobody reads; or a folder on the way is none any more. */
export function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO'].includes(codeOf(error) ?? '')
}

/** Whatever cannot be read is looked at before it is read again. */
function fillIfFile(fd: number, buffer: Uint8Array): number | null {
  try {
    return fill(fd, buffer, 0)
  } catch {
    return null
  }
}

/** Fills the buffer as far as the file goes; how many bytes it were. */
export function fill(fd: number, buffer: Uint8Array, position: number): number {
  let done = 0
  while (done < buffer.length) {
    const read = readSync(fd, buffer, done, buffer.length - done, position + done)
    if (read === 0) break
    done += read
  }
  return done
}
