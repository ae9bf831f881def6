import { StepFailed, messageOf } from '../core/failure.ts'
import { clean, inShort } from '../core/text.ts'
import { turnTaker } from '../world/turn.ts'
import type { ArchiveLimits } from './entries.ts'
import { LIMITS } from './entries.ts'
import { flushBehind } from './flush-behind.ts'
import { openPlain } from './gzip-file.ts'
import { openPool } from './pool.ts'
import type { Pool } from './pool.ts'
import { syncTree } from './sync-tree.ts'
import { chosen, limitsAt, placer, unpackBeside } from './unpack.ts'
import type { UnzipItem } from './unzip-job.ts'
import { watchCount } from './watch-count.ts'
import { readDirectory } from './zip-directory.ts'
import type { ZipEntry } from './zip-entries.ts'

/** `only` is one path of the archive: that file, or the folder with all that lies in it. */
export type ExtractOptions = {
  limits?: Partial<ArchiveLimits>
  only?: string | undefined
  onBytes?: ((done: number, total: number) => void) | undefined
  signal?: AbortSignal | undefined
  /** Workers at most; 0 is none. Default: one a core. */
  threads?: number | undefined
}

/** A zip of fewer bytes than this is unpacked before a worker is ready. */
const WORTH_WORKERS = 8 << 20
/** Members are handed out in shares of about this many bytes. */
const SHARE = 2 << 20
const MOST_IN_SHARE = 200
/** Shares under way or waiting, for each worker. */
const AHEAD = 3
/** Brought to the disk so many bytes at a time: the disk is to begin early, but each flush takes a child. */
const FLUSH = 64 << 20

/** What is in a zip, checked as a whole. Throws, naming the member, when any of it must not be unpacked. */
export async function listZip(path: string, limits: Partial<ArchiveLimits> = {}): Promise<ZipEntry[]> {
  const begin = (): void => undefined
  return withZip(path, { ...LIMITS, ...limits }, begin, async (_, entries) => entries)
}

/**
 * Unpacks a zip into a folder that is not there yet: checked as a whole first, written beside, and renamed when every
 * byte has agreed with its checksum. A hostile or broken archive leaves nothing.
 */
export async function extractZip(
  path: string,
  to: string,
  options: ExtractOptions = {},
): Promise<{ entries: number; bytes: number }> {
  const limits = await limitsAt(to, options.limits)
  options.signal?.throwIfAborted()
  const pool = openPool(options.signal, options.threads)
  try {
    // They start while the directory is read and folders are made.
    const begin = (size: number): void => {
      if (size > WORTH_WORKERS) for (let worker = 0; worker < pool.width; worker += 1) pool.warm()
    }
    return await withZip(path, limits, begin, async (fd, all) => {
      const wanted = chosen(path, all, options.only)
      return unpackBeside(to, (root) => unpack(fd, wanted, root, pool, options))
    })
  } finally {
    await pool.end()
  }
}

async function withZip<T>(
  path: string,
  limits: ArchiveLimits,
  begin: (bytes: number) => void,
  work: (fd: number, entries: ZipEntry[]) => Promise<T>,
): Promise<T> {
  const handle = await openPlain(path)
  try {
    const { size } = await handle.stat()
    begin(size)
    const entries = await readDirectory(handle.fd, size, limits).catch((error: unknown) => {
      throw new StepFailed('unzip', `${clean(path)} was refused whole: ${inShort(clean(messageOf(error)), 300)}`)
    })
    return await work(handle.fd, entries)
  } finally {
    await handle.close()
  }
}

async function unpack(
  fd: number,
  entries: readonly ZipEntry[],
  root: Buffer,
  pool: Pool,
  { onBytes }: ExtractOptions,
): Promise<{ entries: number; bytes: number }> {
  const total = entries.reduce((sum, entry) => sum + entry.size, 0)
  const place = placer(root)
  const turn = turnTaker()
  for (const entry of entries) {
    if (entry.kind === 'folder') place.folder(entry)
    await turn()
  }
  const early = flushBehind(() => syncTree(root.toString('utf8')), FLUSH)
  const watch = watchCount(pool, (done) => {
    early.advance(done)
    onBytes?.(done, total)
  })
  try {
    const going = new Set<Promise<unknown>>()
    for (const share of shares(entries.filter(({ kind }) => kind === 'file'))) {
      const items: UnzipItem[] = []
      for (const entry of share) items.push(itemOf(entry, place.pathFor(entry)))
      const brief = share.reduce((sum, entry) => sum + entry.size, 0) < 2 * SHARE
      const job: Promise<unknown> = pool.run('unzip', { fd, items }, { brief }).then(() => going.delete(job))
      // It is looked at below; until then an error waits.
      job.catch(() => undefined)
      going.add(job)
      // What thousands of files need to be written is not held for all of them at once.
      if (going.size >= pool.width * AHEAD) await Promise.race(going)
    }
    await Promise.all(going)
    await early.end()
  } finally {
    watch.end()
    // Its jobs read from the archive, and write to what is flushed.
    await pool.end()
    await early.idle()
  }
  for (const entry of entries) if (entry.kind === 'link') place.link(entry)
  await place.finish()
  return { entries: entries.length, bytes: total }
}

function itemOf({ at, packed, size, crc, method, name, mode, modified }: ZipEntry, path: Buffer): UnzipItem {
  const stored = { at, packed, size, crc, method, name: name.toString('latin1') }
  // Never a set-user or set-group bit from an archive.
  return {
    ...stored,
    path: path.toString('latin1'),
    mode: mode === 0 ? 0o644 : mode & 0o777,
    mtime: modified.getTime() / 1000,
  }
}

function shares(files: readonly ZipEntry[]): ZipEntry[][] {
  const found: ZipEntry[][] = []
  let bytes = SHARE
  for (const entry of files) {
    const share = found.at(-1)
    if (share !== undefined && bytes < SHARE && share.length < MOST_IN_SHARE) share.push(entry)
    else {
      found.push([entry])
      bytes = 0
    }
    bytes += entry.size
  }
  return found
}
