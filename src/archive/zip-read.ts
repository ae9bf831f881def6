import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Entry, ZipFile } from 'yauzl'
import yauzl from 'yauzl'
import { StepFailed, messageOf } from '../core/failure.ts'
import { clean } from '../core/text.ts'
import { freeSpace } from '../world/disk.ts'
import type { ArchiveLimits } from './entries.ts'
import { isWithin, LIMITS, nameFlaw } from './entries.ts'
import { placer, unpackBeside } from './unpack.ts'
import { entryKind, zipFlaw } from './zip-entries.ts'
import type { ZipEntry } from './zip-entries.ts'

type Member = ZipEntry & { raw: Entry }

/** `only` is one path of the archive: that file, or the folder with all that lies in it. */
export type ExtractOptions = {
  limits?: Partial<ArchiveLimits>
  only?: string | undefined
  onBytes?: ((done: number, total: number) => void) | undefined
  signal?: AbortSignal | undefined
}

const LONGEST_LINK = 4_096

/** What is in a zip, checked as a whole. Throws, naming the member, when any of it must not be unpacked. */
export async function listZip(path: string, limits: Partial<ArchiveLimits> = {}): Promise<ZipEntry[]> {
  return withZip(path, { ...LIMITS, ...limits }, async (_zip, members) =>
    members.map(({ raw: _raw, ...entry }) => entry),
  )
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
  const { free } = await freeSpace(dirname(to))
  const limits = { ...LIMITS, ...options.limits }
  limits.bytes = Math.min(limits.bytes, free)
  return unpackBeside(to, (root) =>
    withZip(path, limits, (zip, all) => unpack(zip, wanted(path, all, options), root, options)),
  )
}

function wanted(path: string, members: Member[], { only }: ExtractOptions): Member[] {
  if (only === undefined) return members
  const found = members.filter((entry) => isWithin(entry, only))
  if (found.length === 0) throw new StepFailed('unpack', `${clean(only)} is not in ${clean(path)}`)
  return found
}

async function withZip<T>(
  path: string,
  limits: ArchiveLimits,
  work: (zip: ZipFile, members: Member[]) => Promise<T>,
): Promise<T> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const stat = await handle.stat()
    if (!stat.isFile()) throw new StepFailed('unzip', `${path} is not a plain file`)
    const zip = await opened(handle.fd).catch((error: unknown) => {
      throw refusal(path, messageOf(error))
    })
    if (zip.entryCount > limits.entries) throw refusal(path, `it holds more than ${limits.entries} entries`)
    const members = await membersOf(zip, path)
    const flaw = zipFlaw(members, stat.size, limits)
    if (flaw !== null) throw refusal(path, flaw)
    return await work(zip, members)
  } finally {
    await handle.close()
  }
}

function refusal(path: string, because: string): StepFailed {
  return new StepFailed('unzip', `${clean(path)} was refused whole: ${clean(because)}`)
}

function opened(fd: number): Promise<ZipFile> {
  // Names stay bytes: what they mean is judged here, and a name that is no UTF-8 must come back as it was.
  const options = { lazyEntries: true, autoClose: false, decodeStrings: false, validateEntrySizes: true } as const
  return new Promise((resolve, reject) => {
    yauzl.fromFd(fd, options, (error, zip) => (error ? reject(error) : resolve(zip)))
  })
}

async function membersOf(zip: ZipFile, path: string): Promise<Member[]> {
  const raws = await new Promise<Entry[]>((resolve, reject) => {
    const found: Entry[] = []
    zip.on('entry', (entry: Entry) => {
      found.push(entry)
      zip.readEntry()
    })
    zip.on('end', () => resolve(found))
    zip.on('error', (error: Error) => reject(refusal(path, messageOf(error))))
    zip.readEntry()
  })
  const members: Member[] = []
  for (const raw of raws) members.push(await member(zip, raw, path))
  return members
}

async function member(zip: ZipFile, raw: Entry, path: string): Promise<Member> {
  const name = raw.fileNameRaw
  const shown = name.toString('utf8')
  const flaw = nameFlaw(name)
  if (flaw !== null) throw refusal(path, `${shown} ${flaw}`)
  const mode = raw.versionMadeBy >> 8 === 3 ? raw.externalFileAttributes >>> 16 : 0
  const kind = entryKind(mode, name)
  if (kind === null) throw refusal(path, `${shown} is a device, a pipe or something else that is no file`)
  if (raw.isEncrypted()) throw refusal(path, `${shown} is encrypted`)
  if (![0, 8].includes(raw.compressionMethod)) throw refusal(path, `${shown} is compressed in a way not known here`)
  if (kind === 'link' && raw.uncompressedSize > LONGEST_LINK)
    throw refusal(path, `${shown} is a link of ${raw.uncompressedSize} bytes`)
  const link = kind === 'link' ? await linkOf(zip, raw, path) : null
  const { uncompressedSize: size, compressedSize: packed, crc32: crc } = raw
  return { name, kind, mode, modified: raw.getLastModDate({ timezone: 'UTC' }), size, packed, crc, link, raw }
}

async function linkOf(zip: ZipFile, raw: Entry, path: string): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of await contentOf(zip, raw)) chunks.push(chunk as Buffer)
  const target = Buffer.concat(chunks)
  if (crc32(target) !== raw.crc32)
    throw refusal(path, `${raw.fileNameRaw.toString('utf8')} does not agree with its checksum`)
  return target.toString('latin1')
}

function contentOf(zip: ZipFile, raw: Entry): Promise<NodeJS.ReadableStream> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(raw, (error, stream) => (error ? reject(error) : resolve(stream)))
  })
}

async function unpack(
  zip: ZipFile,
  members: Member[],
  root: Buffer,
  { onBytes, signal }: ExtractOptions,
): Promise<{ entries: number; bytes: number }> {
  const total = members.reduce((sum, entry) => sum + entry.size, 0)
  const place = placer(root)
  let done = 0
  for (const entry of members) {
    signal?.throwIfAborted()
    if (entry.kind === 'folder') await place.folder(entry)
    else if (entry.kind === 'link') place.link(entry)
    else {
      await place.file(entry, checked(zip, entry))
      done += entry.size
      onBytes?.(done, total)
    }
  }
  await place.finish()
  return { entries: members.length, bytes: done }
}

async function* checked(zip: ZipFile, entry: Member): AsyncGenerator<Buffer> {
  let crc = 0
  for await (const chunk of await contentOf(zip, entry.raw)) {
    crc = crc32(chunk, crc)
    yield chunk as Buffer
  }
  if (crc !== entry.crc)
    throw new StepFailed('unzip', `${clean(entry.name.toString('utf8'))} does not agree with its checksum`)
}
