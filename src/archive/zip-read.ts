import { constants } from 'node:fs'
import { chmod, lstat, mkdir, open, rename, rm, symlink, utimes } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Entry, ZipFile } from 'yauzl'
import yauzl from 'yauzl'
import { StepFailed, messageOf } from '../core/failure.ts'
import { clean } from '../core/text.ts'
import { freeSpace } from '../world/disk.ts'
import { exists, makeFolder, syncFolder, temporaryBeside } from '../world/files.ts'
import { sweepTemporaries } from '../world/leftovers.ts'
import { joinBytes } from './walk.ts'
import { archiveFlaw, entryKind, nameFlaw } from './zip-entries.ts'
import type { ZipEntry, ZipLimits } from './zip-entries.ts'

type Member = ZipEntry & { raw: Entry }

const LIMITS: ZipLimits = { bytes: 200_000_000_000, entries: 2_000_000 }
const LONGEST_LINK = 4_096

/** What is in a zip, checked as a whole. Throws, naming the member, when any of it must not be unpacked. */
export async function listZip(path: string, limits: Partial<ZipLimits> = {}): Promise<ZipEntry[]> {
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
  options: { limits?: Partial<ZipLimits>; onBytes?: (done: number, total: number) => void; signal?: AbortSignal } = {},
): Promise<{ entries: number; bytes: number }> {
  if (await exists(to)) throw new StepFailed('unzip', `${to} exists already and is left as it is`)
  await makeFolder(dirname(to))
  await sweepTemporaries(dirname(to))
  const { free } = await freeSpace(dirname(to))
  const limits = { ...LIMITS, ...options.limits }
  limits.bytes = Math.min(limits.bytes, free)
  const beside = temporaryBeside(to)
  try {
    return await withZip(path, limits, async (zip, members) => {
      await mkdir(beside, { mode: 0o700 })
      const bytes = await unpack(zip, members, Buffer.from(beside), options)
      await chmod(beside, 0o755)
      await rename(beside, to)
      await syncFolder(dirname(to))
      return { entries: members.length, bytes }
    })
  } catch (error) {
    await rm(beside, { recursive: true, force: true })
    throw error
  }
}

async function withZip<T>(
  path: string,
  limits: ZipLimits,
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
    const flaw = archiveFlaw(members, stat.size, limits)
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

type Progress = { onBytes?: (done: number, total: number) => void; signal?: AbortSignal }

async function unpack(zip: ZipFile, members: Member[], root: Buffer, { onBytes, signal }: Progress): Promise<number> {
  const total = members.reduce((sum, entry) => sum + entry.size, 0)
  const bare = (entry: Member): Buffer => (entry.name.at(-1) === 0x2f ? entry.name.subarray(0, -1) : entry.name)
  const pathOf = (entry: Member): Buffer => joinBytes(root, bare(entry))
  const of = (kind: ZipEntry['kind']): Member[] => members.filter((entry) => entry.kind === kind)
  let done = 0
  for (const entry of of('folder')) await mkdir(pathOf(entry), { recursive: true })
  for (const entry of of('file')) {
    signal?.throwIfAborted()
    const path = pathOf(entry)
    await mkdir(path.subarray(0, path.lastIndexOf(0x2f)), { recursive: true })
    await writeMember(zip, entry, path)
    done += entry.size
    onBytes?.(done, total)
  }
  // Links last: nothing can be written through one that is not there yet.
  for (const entry of of('link')) {
    const path = pathOf(entry)
    await mkdir(path.subarray(0, path.lastIndexOf(0x2f)), { recursive: true })
    await symlink(Buffer.from(entry.link ?? '', 'latin1'), path)
  }
  // Folders get their modes and times at the very end, the deepest first: a read-only one could not be filled.
  for (const entry of of('folder').toSorted((a, b) => b.name.length - a.name.length))
    await dress(entry, pathOf(entry), 0o755)
  return done
}

async function writeMember(zip: ZipFile, entry: Member, path: Buffer): Promise<void> {
  const output = await open(path, 'wx', 0o600)
  let crc = 0
  try {
    for await (const chunk of await contentOf(zip, entry.raw)) {
      crc = crc32(chunk, crc)
      await output.writeFile(chunk as Buffer)
    }
    if (crc !== entry.crc)
      throw new StepFailed('unzip', `${clean(entry.name.toString('utf8'))} does not agree with its checksum`)
    await output.sync()
  } finally {
    await output.close()
  }
  await dress(entry, path, 0o644)
}

async function dress(entry: Member, path: Buffer, plain: number): Promise<void> {
  // Never a set-user or set-group bit from an archive.
  await chmod(path, entry.mode === 0 ? plain : entry.mode & 0o777)
  if ((await lstat(path)).isSymbolicLink()) return
  await utimes(path, entry.modified, entry.modified)
}
