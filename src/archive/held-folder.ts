import type { BigIntStats } from 'node:fs'
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readlinkSync, statSync } from 'node:fs'
import { codeOf } from '../world/files.ts'
import { isGone } from './read-settled.ts'
import { systemPath } from './tree-path.ts'

/**
 * A folder that was found, and whatever is asked of it is asked of that very one, also when something else stands under its name
 * meanwhile. Names and targets are bytes, one character each; what is not there any more is null.
 */
export type HeldFolder = {
  names(): string[] | null
  look(name: string): BigIntStats | null
  /** Where a link leads; null when it is none any more. */
  target(name: string): string | null
  /** Lets go of it. It is taken hold of again when something is asked. */
  rest(): void
}

type Identity = Pick<BigIntStats, 'dev' | 'ino'>
/** `at` is what names are put behind; `sure` says that it leads to the folder that was opened and to no other. */
type Hold = { fd: number; at: string; sure: boolean }

const LOOK = { bigint: true, throwIfNoEntry: false } as const
const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW

/**
 * The folder that stands at `full` (as in `tree-path.ts`), if it is the one that `found` tells of. Where the system has no name for what is
 * open, that is looked at again after everything that was asked.
 */
export function holdFolder(full: string, found: Identity): HeldFolder {
  let hold: Hold | null = null
  const inside = <T>(ask: (at: string) => T): T | null => {
    hold ??= take(full, found)
    if (hold === null) return null
    const { at, sure } = hold
    try {
      const answer = ask(at)
      return sure || isSame(lstatSync(systemPath(full), LOOK), found) ? answer : null
    } catch (error) {
      if (isGone(error) || codeOf(error) === 'EINVAL') return null
      throw named(error, at, `${full}/`)
    }
  }
  return {
    names: () => inside((at) => readdirSync(systemPath(at), { encoding: 'latin1' })),
    look: (name) => inside((at) => lstatSync(systemPath(at + name), LOOK)) ?? null,
    target: (name) => inside((at) => readlinkSync(systemPath(at + name), 'latin1')),
    rest() {
      if (hold !== null) closeSync(hold.fd)
      hold = null
    },
  }
}

function take(full: string, found: Identity): Hold | null {
  const fd = openOrNull(full)
  if (fd === null) return null
  const at = `/proc/${process.pid}/fd/${fd}/`
  if (process.platform === 'linux' && isSame(behind(at), found)) return { fd, at, sure: true }
  if (isSame(fstatSync(fd, LOOK), found)) return { fd, at: `${full}/`, sure: false }
  closeSync(fd)
  return null
}

function openOrNull(full: string): number | null {
  try {
    return openSync(systemPath(full), FOLDER)
  } catch (error) {
    if (isGone(error)) return null
    throw error
  }
}

function behind(at: string): BigIntStats | undefined {
  try {
    return statSync(`${at}.`, LOOK)
  } catch {
    return undefined
  }
}

function isSame(one: Identity | undefined, other: Identity): boolean {
  return one !== undefined && one.ino === other.ino && one.dev === other.dev
}

/** An error in the words of whoever knows the folder by its name. */
function named(error: unknown, at: string, full: string): unknown {
  if (error instanceof Error) error.message = error.message.replace(at, () => Buffer.from(full, 'latin1').toString())
  return error
}
