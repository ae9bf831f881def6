import { statfsSync, statSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import type { Clock } from './clock.ts'
import { wasSet } from './clock.ts'
import { isDatabaseName } from './databases.ts'
import type { FileFacts } from './file-facts.ts'
import { openPlain } from './gzip-file.ts'
import { readIndex } from './zip-index.ts'
import type { IndexRow, ZipIndex } from './zip-index.ts'

/** An earlier archive of the same tree: `sha256` is the digest that was recorded for it, `index` the index written with it. */
export type PreviousZip = { path: string; sha256: string; index: string }

/** What of an earlier archive may be copied instead of being packed again. */
export type Previous = {
  /** One descriptor, held open: the archive may be pruned meanwhile. */
  handle: FileHandle
  index: ZipIndex
  /** The row of a file whose content is certainly the same; null when it must be read. `path` is bytes, one character each. */
  find(path: string, facts: FileFacts, content: string | null): IndexRow | null
  /** Whether it is the turn of a file that could be copied to be read all the same, and compared. */
  isDue(path: string): boolean
}

/**
 * File systems whose times change with the content: ext2–4, xfs, btrfs, zfs; on macOS apfs. Not overlays, FUSE or the network, and not tmpfs:
 * what is changed there through memory that a program has mapped leaves no trace.
 */
const TRUSTED: Record<string, readonly number[]> = {
  linux: [0xef53, 0x58465342, 0x9123683e, 0x2fc12fc1],
  darwin: [0x1a],
}
/** A file changed within this many ms before it was opened may have been changed again within the same tick of its clock. */
const RACY = 2_000
/** One in so many is read again each time. */
const ROUND = 14

/** Null when nothing of it may be copied: it, or its index, is missing or does not belong to it, or the clock was set since. */
export async function openPrevious(
  previous: PreviousZip,
  root: string,
  prefix: string,
  clock: Clock,
): Promise<Previous | null> {
  const index = await readIndex(previous.index)
  if (index === null || index.archive !== previous.sha256 || index.prefix !== prefix) return null
  if (wasSet(index.clock, clock)) return null
  const handle = await openPlain(previous.path).catch(() => null)
  if (handle === null) return null
  const { size } = await handle.stat()
  if (size !== index.bytes) {
    await handle.close()
    return null
  }
  const turn = (index.turn + 1) % ROUND
  return {
    handle,
    index,
    find: candidates(index, root, clock),
    isDue: (path) => crc32(path) % ROUND === turn,
  }
}

function candidates(index: ZipIndex, root: string, clock: Clock) {
  // What is mounted below is not brought to the disk before it is read, so that its times say less.
  const device = trustedDevice(root)
  return (path: string, facts: FileFacts, content: string | null): IndexRow | null => {
    const row = index.rows.get(path)
    if (row === null || facts.kind !== 'file' || row.size !== facts.size || isDatabaseName(path)) return null
    if (content !== null) return row.content === content ? row : null
    if (row.key === '' || row.key !== facts.key) return null
    if (facts.changed + RACY >= row.opened || facts.changed > clock.wall || row.opened > clock.wall) return null
    return facts.dev === device ? row : null
  }
}

/** The device of a folder, when its file system is believed. */
function trustedDevice(folder: string): number | null {
  try {
    return (TRUSTED[process.platform] ?? []).includes(statfsSync(folder).type) ? statSync(folder).dev : null
  } catch {
    return null
  }
}
