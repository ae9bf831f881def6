import { closeSync, fchmodSync, ftruncateSync, futimesSync, openSync, writeSync } from 'node:fs'
import { pipeline } from 'node:stream'
import { crc32, createInflateRaw, inflateRawSync } from 'node:zlib'
import { StepFailed, messageOf } from '../core/failure.ts'
import type { Counter } from './jobs.ts'
import { withoutHoles } from './holes.ts'
import { release } from './memory.ts'
import { fill } from './read-settled.ts'

/** Where a member's content stands, by its directory entry. `name` is bytes, one character each. */
export type Stored = { at: number; packed: number; size: number; crc: number; method: 0 | 8; name: string }

/** A file to write; its folder is there. `path` is bytes, one character each; `mtime` in seconds. */
export type UnzipItem = Stored & { path: string; mode: number; mtime: number }

/** `fd` is the archive's descriptor. */
export type UnzipJob = { fd: number; items: UnzipItem[] }

const CHUNK = 1 << 20
/** Members up to this size are inflated in one go; longer ones a piece at a time. */
const SHORT = 4 * CHUNK
const room = { buffer: Buffer.alloc(0) }
/** The local header: APPNOTE 4.3.7. What follows it, a name and extra fields, is seldom longer than guessed here. */
const LOCAL = 30
const EXTRA = 128
const GAP = 4_096

/** Writes some files out of a zip, each checked against its CRC. Files are read in runs, as they stand next to one another. */
export async function unzipBatch({ fd, items }: UnzipJob, count: Counter): Promise<null> {
  if (room.buffer.length === 0) room.buffer = Buffer.allocUnsafeSlow(SHORT + CHUNK)
  for (const run of runs(items)) {
    if (run.length === 1 && run[0] !== undefined && isLong(run[0])) {
      await writeLarge(fd, run[0], count)
      continue
    }
    const start = run[0]?.at ?? 0
    const length = Math.min(room.buffer.length, Math.max(0, ...run.map(endOf)) - start)
    const ahead = room.buffer.subarray(0, fill(fd, room.buffer.subarray(0, length), start))
    for (const item of run) {
      const data = readMember(fd, item, ahead.subarray(item.at - start))
      writeSmall(item, data)
      if (item.method === 8) release(data)
      count(item.size)
    }
  }
  return null
}

/** The content of a small member, inflated and checked. `ahead` is what was read from its local header on, if anything. */
export function readMember(fd: number, item: Stored, ahead: Buffer = Buffer.alloc(0)): Buffer {
  const start = contentStart(fd, item, ahead)
  const offset = start - item.at
  const there = ahead.subarray(offset, offset + item.packed)
  const packed = there.length === item.packed ? there : readExactly(fd, item, start, item.packed)
  const data = item.method === 0 ? packed : inflated(item, packed)
  if (data.length !== item.size || crc32(data) !== item.crc) throw disagrees(item)
  return data
}

function inflated(item: Stored, packed: Buffer): Buffer {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, item.size), chunkSize: Math.max(64, item.size + 1) })
  } catch (error) {
    throw damaged(item, error)
  }
}

/** Where the content begins. The local header may hold other extra fields than the directory. */
function contentStart(fd: number, item: Stored, ahead: Buffer): number {
  const header = ahead.length >= LOCAL ? ahead : readExactly(fd, item, item.at, LOCAL)
  if (header.readUInt32LE(0) !== 0x04034b50)
    throw new StepFailed('unzip', `${shown(item)} is not where the directory says`)
  return item.at + LOCAL + header.readUInt16LE(26) + header.readUInt16LE(28)
}

function readExactly(fd: number, item: Stored, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  if (fill(fd, bytes, position) < length) throw new StepFailed('unzip', `${shown(item)} ends early`)
  return bytes
}

function writeSmall(item: UnzipItem, data: Buffer): void {
  const output = create(item)
  try {
    if (writeParts(output, data, 0) < data.length) ftruncateSync(output, data.length)
    dress(output, item)
  } finally {
    closeSync(output)
  }
}

function isLong({ packed, size }: Stored): boolean {
  return Math.max(packed, size) > SHORT
}

/** Long runs of zeros become holes. Where the file ends by now, unless they are at the end. */
function writeParts(output: number, data: Buffer, position: number): number {
  let end = position
  for (const { offset, part } of withoutHoles(data)) {
    writeAllSync(output, part, position + offset)
    end = position + offset + part.length
  }
  return end
}

/** A long member, a piece at a time; long runs of zeros become holes. */
async function writeLarge(fd: number, item: UnzipItem, count: Counter): Promise<void> {
  const output = create(item)
  let size = 0
  let crc = 0
  try {
    for await (const chunk of contentOf(fd, item)) {
      if (size + chunk.length > item.size) throw new StepFailed('unzip', `${shown(item)} inflates to too many bytes`)
      crc = crc32(chunk, crc)
      writeParts(output, chunk, size)
      size += chunk.length
      count(chunk.length)
      if (isSpent(chunk)) release(chunk)
    }
    if (size !== item.size || crc !== item.crc) throw disagrees(item)
    ftruncateSync(output, size)
    dress(output, item)
  } catch (error) {
    throw error instanceof StepFailed || isSystem(error) ? error : damaged(item, error)
  } finally {
    closeSync(output)
  }
}

/** Inflating goes on filling the same memory until it has given out the last byte of it. */
function isSpent({ buffer, byteOffset, byteLength }: Buffer): boolean {
  return byteOffset + byteLength === buffer.byteLength
}

function contentOf(fd: number, item: Stored): AsyncIterable<Buffer> {
  const packed = pieces(fd, item, contentStart(fd, item, Buffer.alloc(0)))
  if (item.method === 0) return packed
  // An error of either stream comes out of the loop over the result; the callback only keeps it from being thrown twice.
  return pipeline(packed, createInflateRaw({ chunkSize: CHUNK }), () => undefined)
}

async function* pieces(fd: number, item: Stored, start: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < item.packed; at += CHUNK)
    yield readExactly(fd, item, start + at, Math.min(CHUNK, item.packed - at))
}

/** Exclusive: whatever was planted at the name is an error and never followed. */
function create(item: UnzipItem): number {
  return openSync(Buffer.from(item.path, 'latin1'), 'wx', 0o600)
}

function dress(output: number, { mode, mtime }: UnzipItem): void {
  fchmodSync(output, mode)
  futimesSync(output, mtime, mtime)
}

function writeAllSync(output: number, data: Buffer, position: number | null = null): void {
  for (let done = 0; done < data.length;)
    done += writeSync(output, data, done, data.length - done, position === null ? null : position + done)
}

function endOf({ at, packed, name }: Stored): number {
  return at + LOCAL + name.length + EXTRA + packed
}

function runs(items: readonly UnzipItem[]): UnzipItem[][] {
  const found: UnzipItem[][] = []
  for (const item of items.toSorted((a, b) => a.at - b.at)) {
    const run = found.at(-1)
    const before = run?.at(-1)
    const near = before !== undefined && !isLong(before) && !isLong(item) && item.at - endOf(before) <= GAP
    if (near && endOf(item) - (run?.[0]?.at ?? 0) <= 2 * CHUNK) run?.push(item)
    else found.push([item])
  }
  return found
}

function disagrees(item: Stored): StepFailed {
  return new StepFailed('unzip', `${shown(item)} does not agree with its checksum`)
}

function damaged(item: Stored, error: unknown): StepFailed {
  const why = messageOf(error)
  return new StepFailed(
    'unzip',
    `${shown(item)} ${/larger than/.test(why) ? 'inflates to too many bytes' : `is damaged: ${why}`}`,
  )
}

function isSystem(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}

function shown({ name }: Stored): string {
  return Buffer.from(name, 'latin1').toString('utf8')
}
