import type { FileHandle } from 'node:fs/promises'
import { StepFailed, messageOf } from '../core/failure.ts'
import { clean, inShort } from '../core/text.ts'
import type { ArchiveEntry, ArchiveLimits } from './entries.ts'
import { entryKey, isWithin, LIMITS, treeFlaw } from './entries.ts'
import { gunzipped, openPlain } from './gzip-file.ts'
import { tarMembers } from './tar-stream.ts'
import type { TarEntry } from './tar-stream.ts'
import { chosen, limitsAt, placer, unpackBeside } from './unpack.ts'
import type { ExtractOptions } from './zip-read.ts'

/** What is in a `.tar.gz` (or a plain `.tar`), checked as a whole. Throws, naming the member, when any of it must not be unpacked. */
export async function listTarGz(
  path: string,
  limits: Partial<ArchiveLimits> = {},
  signal?: AbortSignal,
): Promise<ArchiveEntry[]> {
  return withTar(path, (handle) => checkedList(path, handle, { ...LIMITS, ...limits }, signal))
}

/**
 * Unpacks a `.tar.gz` into a folder that is not there yet: read and checked as a whole first, then written beside and renamed.
 * Owners are not restored. A hostile or broken archive leaves nothing.
 */
export async function extractTarGz(
  path: string,
  to: string,
  options: ExtractOptions = {},
): Promise<{ entries: number; bytes: number }> {
  const limits = await limitsAt(to, options.limits)
  return withTar(path, async (handle) => {
    const all = await checkedList(path, handle, limits, options.signal)
    const wanted = chosen(path, all, options.only)
    return unpackBeside(to, (root) => unpack(handle, root, wanted, options))
  })
}

async function unpack(
  handle: FileHandle,
  root: Buffer,
  wanted: readonly TarEntry[],
  { only, onBytes, signal }: ExtractOptions,
): Promise<{ entries: number; bytes: number }> {
  const total = wanted.reduce((sum, entry) => sum + entry.size, 0)
  const place = placer(root)
  let bytes = 0
  for await (const { entry, content } of tarMembers(gunzipped(handle, { signal, plainToo: true }))) {
    if (only !== undefined && !isWithin(entry, only)) continue
    if (entry.kind === 'folder') place.folder(entry)
    else if (entry.kind === 'link') place.link(entry)
    else if (entry.hard === null) await place.file(entry, content)
    else if (only === undefined) await place.hard(entry, entry.hard)
    else
      throw new StepFailed(
        'unpack',
        `${shown(entry)} is a second name for ${shown({ name: entry.hard })}: ask for that`,
      )
    bytes += entry.size
    onBytes?.(bytes, total)
  }
  await place.finish()
  return { entries: wanted.length, bytes }
}

async function checkedList(
  path: string,
  handle: FileHandle,
  limits: ArchiveLimits,
  signal: AbortSignal | undefined,
): Promise<TarEntry[]> {
  const entries: TarEntry[] = []
  const files = new Set<string>()
  let bytes = 0
  try {
    for await (const { entry } of tarMembers(gunzipped(handle, { signal, plainToo: true }))) {
      entries.push(entry)
      bytes += entry.size
      // A bomb is not read to its end.
      if (bytes > limits.bytes || entries.length > limits.entries) break
      if (entry.hard !== null && !files.has(entryKey({ name: entry.hard })))
        throw new Error(
          `${shown(entry)} is a second name for ${shown({ name: entry.hard })}, which is no file before it`,
        )
      if (entry.kind === 'file') files.add(entryKey(entry))
    }
  } catch (error) {
    if (signal?.aborted === true) throw error
    throw refusal(path, messageOf(error))
  }
  const flaw = treeFlaw(entries, limits)
  if (flaw !== null) throw refusal(path, flaw)
  return entries
}

async function withTar<T>(path: string, work: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await openPlain(path)
  try {
    return await work(handle)
  } finally {
    await handle.close()
  }
}

function refusal(path: string, because: string): StepFailed {
  return new StepFailed('untar', `${clean(path)} was refused whole: ${inShort(clean(because), 300)}`)
}

function shown(entry: { name: Buffer }): string {
  return inShort(clean(entry.name.toString('utf8')))
}
