import { readSync } from 'node:fs'
import type { Entry, ZipFile } from 'yauzl'
import yauzl from 'yauzl'
import { messageOf } from '../core/failure.ts'
import type { ArchiveLimits } from './entries.ts'
import { nameFlaw } from './entries.ts'
import { withInflater } from './inflate-raw.ts'
import { memberReader } from './read-member.ts'
import { entryKind, zipFlaw } from './zip-entries.ts'
import type { ZipEntry } from './zip-entries.ts'

const LONGEST_LINK = 4_096

/** A zip's directory, checked as a whole: nothing in it is hostile, as far as that can be seen without unpacking. Throws an Error that says why not. */
export async function readDirectory(fd: number, bytes: number, limits: ArchiveLimits): Promise<ZipEntry[]> {
  const zip = await opened(fd, bytes)
  if (zip.entryCount > limits.entries) throw new Error(`it holds more than ${limits.entries} entries`)
  if (zip.entryCount === 0) throw new Error('it holds nothing')
  const entries = await entriesOf(zip)
  // A number, whatever its types say.
  if (isMember(fd, Number(zip.readEntryCursor))) throw new Error('its directory holds more entries than are counted')
  await readLinks(fd, entries)
  const flaw = zipFlaw(entries, bytes, limits)
  if (flaw !== null) throw new Error(flaw)
  return entries
}

/** Serves the small reads of the directory from longer ones: a read of the file for each of them takes longer than the unpacking. */
class DirectoryReader extends yauzl.RandomAccessReader {
  readonly #fd: number
  #start = 0
  #window = Buffer.alloc(0)
  constructor(fd: number) {
    super()
    this.#fd = fd
  }
  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    try {
      if (position < this.#start || position + length > this.#start + this.#window.length) {
        const window = Buffer.allocUnsafe(Math.max(length, 1 << 20))
        this.#window = window.subarray(0, readSync(this.#fd, window, 0, window.length, position))
        this.#start = position
      }
      const found = this.#window.subarray(position - this.#start, position - this.#start + length)
      found.copy(buffer, offset)
      queueMicrotask(() => callback(found.length < length ? new Error('it ends early') : null))
    } catch (error) {
      callback(error instanceof Error ? error : new Error(messageOf(error)))
    }
  }
}

/** Whether the directory goes on with another entry: APPNOTE 4.3.12. */
function isMember(fd: number, at: number): boolean {
  const signature = Buffer.alloc(4)
  return readSync(fd, signature, 0, 4, at) === 4 && signature.readUInt32LE(0) === 0x02014b50
}

function opened(fd: number, bytes: number): Promise<ZipFile> {
  // Names stay bytes: what they mean is judged here, and a name that is no UTF-8 must come back as it was.
  const options = { lazyEntries: true, autoClose: false, decodeStrings: false, validateEntrySizes: true } as const
  return new Promise((resolve, reject) => {
    yauzl.fromRandomAccessReader(new DirectoryReader(fd), bytes, options, (error, zip) =>
      error ? reject(error) : resolve(zip),
    )
  })
}

function entriesOf(zip: ZipFile): Promise<ZipEntry[]> {
  return new Promise((resolve, reject) => {
    const found: ZipEntry[] = []
    zip.on('entry', (raw: Entry) => {
      try {
        found.push(entryOf(raw))
        zip.readEntry()
      } catch (error) {
        reject(error instanceof Error ? error : new Error(messageOf(error)))
      }
    })
    zip.on('end', () => resolve(found))
    zip.on('error', reject)
    zip.readEntry()
  })
}

function entryOf(raw: Entry): ZipEntry {
  const name = raw.fileNameRaw
  const shown = name.toString('utf8')
  const flaw = nameFlaw(name)
  if (flaw !== null) throw new Error(`${shown} ${flaw}`)
  const mode = raw.versionMadeBy >> 8 === 3 ? raw.externalFileAttributes >>> 16 : 0
  const kind = entryKind(mode, name)
  if (kind === null) throw new Error(`${shown} is a device, a pipe or something else that is no file`)
  if (raw.isEncrypted()) throw new Error(`${shown} is encrypted`)
  const method = raw.compressionMethod
  if (method !== 0 && method !== 8) throw new Error(`${shown} is compressed in a way not known here`)
  if (kind === 'link' && raw.uncompressedSize > LONGEST_LINK)
    throw new Error(`${shown} is a link of ${raw.uncompressedSize} bytes`)
  const modified = raw.getLastModDate({ timezone: 'UTC' })
  const { uncompressedSize: size, compressedSize: packed, crc32: crc, relativeOffsetOfLocalHeader: at } = raw
  return { name, kind, mode, modified, size, packed, crc, method, at, link: null }
}

/** Where links lead is their content. */
async function readLinks(fd: number, entries: readonly ZipEntry[]): Promise<void> {
  const links = entries.filter(({ kind }) => kind === 'link')
  if (links.length === 0) return
  await withInflater((inflater) => {
    const reader = memberReader(fd, inflater)
    for (const entry of links)
      entry.link = reader.read({ ...entry, name: entry.name.toString('latin1') }).toString('latin1')
  })
}
