import { open, rm, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { messageOf, StepFailed } from '../core/failure.ts'
import { makeFolder, temporaryBeside, writeWhole } from '../world/files.ts'
import { sweepTemporaries } from '../world/leftovers.ts'
import { ahead } from './ahead.ts'
import { readClock, wasSet } from './clock.ts'
import { LEVEL } from './deflate-raw.ts'
import { digestBehind, digestElsewhere } from './digest-behind.ts'
import { flushBehind } from './flush-behind.ts'
import { openPool } from './pool.ts'
import type { Pool } from './pool.ts'
import { publishWhole } from './publish.ts'
import { syncVolume } from './sync-tree.ts'
import { pathFrom } from './tree-path.ts'
import { treeSpells } from './tree.ts'
import { indexWriter } from './zip-index.ts'
import type { IndexWriter } from './zip-index.ts'
import { writeUnits } from './zip-output.ts'
import type { Written } from './zip-output.ts'
import { openPrevious } from './zip-previous.ts'
import type { Previous, PreviousZip } from './zip-previous.ts'
import { writeBehind } from './write-behind.ts'
import { packUnit, zipUnits } from './zip-units.ts'
import type { Unit, UnitsOf } from './zip-units.ts'

/**
 * `paths` are taken below `root` (default: all of it) and stored under `prefix`. `to` is the archive's final name. `onBytes` is told
 * how many bytes of content were done.
 */
export type ZipRequest = {
  root: string
  paths?: readonly string[]
  exclude: readonly string[]
  /** Paths, as in `tree-path.ts`, that are not taken, nor what lies below. */
  without?: ReadonlySet<string> | undefined
  to: string
  prefix?: string
  /** How hard to compress, 1 to 9. */
  level?: number
  /** Where to write what the next archive can be made from: a cache, which may be deleted at any time. */
  index?: string | undefined
  /** An earlier archive of this tree, out of which files that certainly did not change are copied as they are packed there. */
  previous?: PreviousZip | undefined
  /** False: nothing is copied. */
  reuse?: boolean | undefined
  /** A name of a file's exact content (a git blob's id), where the caller knows it: it is then believed instead of the file's times. */
  contents?: ((path: string) => string | null) | undefined
  /** Workers at most; 0 is none. Default: one a core. */
  threads?: number | undefined
  onBytes?: ((done: number) => void) | undefined
  signal?: AbortSignal | undefined
}

/**
 * `sha256` was read back from the finished file. `entries` counts all members, `files` those with content; `unsettled` names files that kept changing while they were
 * read, or vanished, `skipped` what has no place in an archive (sockets, pipes, devices). The rest tells of the copying; see `Written`.
 */
export type ZipResult = Written & {
  /** Why the next archive cannot be made from this one; null when it can, or nobody asked. */
  unindexed: string | null
}

/** What may be under way and not written yet, for each worker. */
const WINDOW = 2 << 20
const WORTH_A_THREAD = 64 << 20
/** Copying is about as fast as the disk: many short flushes would get in its way, none would leave all of it to the end. */
const COPIES_FLUSH = 64 << 20
/** They are in memory that is used again, and need not wait for each other. */
const COPIES_WAITING = 8 << 20

/**
 * Writes a tree as a plain zip that any tool opens: published whole under its name, or nothing is left. The same tree
 * gives the same order whatever the file system's. Refused: an empty tree, a link that leads out of it, and a name that is taken.
 */
export async function writeZip(request: ZipRequest): Promise<ZipResult> {
  request.signal?.throwIfAborted()
  await makeFolder(dirname(request.to))
  await sweepTemporaries(dirname(request.to))
  const clock = readClock()
  const pool = openPool(request.signal, request.threads)
  const temporary = temporaryBeside(request.to)
  let previous: Previous | null = null
  try {
    // An earlier archive this long is not copied without help, which may come while its index is read.
    if (request.previous !== undefined && (await lengthOf(request.previous.path)) > WORTH_A_THREAD) pool.warm()
    const still = stillSince(request)
    previous = await previousOf(request)
    const rows = indexWriter()
    const written = await writeTo(temporary, request, { previous, pool, rows, still })
    request.signal?.throwIfAborted()
    const turn = previous === null ? 0 : previous.index.turn + 1
    // With a clock that was set meanwhile, what it said of these files is worth nothing.
    const kept = wasSet(clock, readClock()) ? indexWriter() : rows
    let index: Uint8Array = Buffer.alloc(0)
    await publishWhole(temporary, request.to, () => {
      if (request.index !== undefined)
        index = kept.bytes({ archive: written.sha256, bytes: written.bytes, turn, clock, prefix: prefixOf(request) })
    })
    const { index: path } = request
    // A cache that cannot be written is no reason to lose the archive.
    const unindexed = path === undefined ? null : await writeWhole(path, index).then(() => null, messageOf)
    return { ...written, unindexed }
  } finally {
    await Promise.all([pool.end(), previous?.handle.close()])
    await rm(temporary, { force: true })
  }
}

/** 0 for what cannot be looked at. */
async function lengthOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  )
}

async function previousOf(request: ZipRequest): Promise<Previous | null> {
  const { previous, reuse, root } = request
  if (previous === undefined || reuse === false) return null
  return openPrevious(previous, resolve(root), prefixOf(request), readClock())
}

/**
 * When all that had been written to the tree began to come to the disk. From then on a file's times move with its first change, also by whoever has
 * mapped it into memory; a page of theirs that had not been written back could change again without it. Infinity where nobody will
 * ask or it cannot be had, and 0, so that no file is believed, where the disk fails.
 */
function stillSince({ root, index }: ZipRequest): Promise<number> {
  if (index === undefined) return Promise.resolve(Infinity)
  const began = Date.now()
  return syncVolume(root).then(
    (known) => (known ? began : Infinity),
    () => 0,
  )
}

/** As in `tree-path.ts`. */
function prefixOf({ prefix = '' }: ZipRequest): string {
  return pathFrom(prefix.replace(/\/+$/, ''))
}

type Means = { previous: Previous | null; pool: Pool; rows: IndexWriter; still: Promise<number> }

async function writeTo(
  temporary: string,
  request: ZipRequest,
  { previous, pool, rows, still }: Means,
): Promise<Written> {
  // Copying keeps this thread busy, and leaves others idle.
  const copies = previous !== null && previous.index.bytes > WORTH_A_THREAD && pool.width > 1
  const handle = await open(temporary, 'wx+', 0o600)
  const flush = flushBehind(() => handle.datasync(), copies ? COPIES_FLUSH : undefined)
  const writer = writeBehind(handle, copies ? COPIES_WAITING : undefined)
  try {
    const how: UnitsOf = {
      root: pathFrom(resolve(request.root)),
      prefix: prefixOf(request),
      links: new Map(),
      level: request.level ?? LEVEL,
      digests: request.index !== undefined,
      still,
      pool,
      previous,
      contents: request.contents,
    }
    const units = ahead(zipUnits(treeSpells(request, temporary), how), weigh, pool.width * WINDOW)
    const written = await writeUnits(units, {
      handle,
      writer,
      behind: copies ? digestElsewhere(handle, pool) : digestBehind(handle),
      flush,
      digests: how.digests,
      pack: (files) => packUnit(files, 0, how),
      rows,
      still,
      onBytes: request.onBytes,
    })
    if (written.files === 0) throw new StepFailed('zip', `${request.root} holds nothing to archive`)
    return written
  } finally {
    // Its jobs read from it.
    await pool.end()
    await Promise.all([writer.idle(), flush.idle()])
    await handle.close()
  }
}

function weigh(unit: Unit): number {
  return unit.is === 'batch' || unit.is === 'copies' ? unit.weight : unit.is === 'piece' ? unit.raw : 0
}
