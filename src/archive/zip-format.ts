import { isUtf8 } from 'node:buffer'

/**
 * The layout of a zip by PKWARE's APPNOTE.TXT 6.3.10: local headers (4.3.7) each followed by its content, then the directory (4.3.12) and
 * what ends it (4.3.14 to 4.3.16). 64-bit numbers stand in an extra field (4.5.3), times in Info-ZIP's (0x5455) or, where that has
 * no room for them, in that of NTFS (4.5.5).
 */

/** One member of a zip as its headers tell it. `name` is raw bytes, a folder's ends in `/`. */
export type ZipMember = {
  name: Buffer
  mode: number
  modified: Date
  method: 0 | 8
  crc: number
  packed: number
  size: number
  offset: number
  /** Room for 64-bit sizes was reserved in the local header. */
  wide: boolean
}

/** Where a local header stands. */
export type LocalHeader = { bytes: Buffer; from: number; length: number }

const MAX16 = 0xffff
const MAX32 = 0xffffffff
/** Made by: Unix, version 4.5 of the format, so that modes and links are understood. */
const MADE_BY = (3 << 8) | 45
const UTF8 = 0x0800
/** Seconds from where NTFS counts, 1601, to 1970. */
const FROM_1601 = 11_644_473_600
/** What fits 64 bits as it counts, in tenths of a microsecond: some 28,000 years either way. */
const FARTHEST = 900_000_000_000

/** Members from this size on get 64-bit headers; well below 4 GiB, since deflate may add a little. */
export const WIDE_FROM = 0xf0000000

/** The header before a member's data (4.3.7). Written once with room for the sizes, and again when they are known. */
export function localHeader(member: ZipMember): Buffer {
  const wide = member.wide ? [member.size, member.packed] : []
  const head = roomFor(30, member.name, wide, member.modified)
  const view = viewOf(head)
  view.setUint32(0, 0x04034b50, true)
  shared(view, 4, member)
  view.setUint16(28, variable(head, 30, member.name, wide, member.modified), true)
  return head
}

/** The member's entry in the directory at the end (4.3.12). */
export function centralHeader(member: ZipMember): Buffer {
  const large = [member.size, member.packed, member.offset].filter((value) => value >= MAX32)
  const head = roomFor(46, member.name, large, member.modified)
  const view = viewOf(head)
  view.setUint32(0, 0x02014b50, true)
  view.setUint16(4, MADE_BY, true)
  shared(view, 6, member, false)
  view.setUint16(30, variable(head, 46, member.name, large, member.modified), true)
  attributes(view, 0, member.mode, member.offset, member.name.at(-1) === 0x2f)
  return head
}

/** How much longer a member's entry in the directory is than its local header. */
export const CENTRAL_MORE = 16

/**
 * The same as `centralHeader` out of a member's local header, `length` bytes from `from` on, which says nearly all of it: for one that needs no 64 bits, nor does `offset`.
 * It goes into `block`, seen through `view`.
 */
export function putCentral(
  { block, view, to }: { block: Buffer; view: DataView; to: number },
  { bytes, from, length }: LocalHeader,
  mode: number,
  offset: number,
  isFolder: boolean,
): void {
  view.setUint32(to, 0x02014b50, true)
  view.setUint16(to + 4, MADE_BY, true)
  bytes.copy(block, to + 6, from + 4, from + 30)
  attributes(view, to, mode, offset, isFolder)
  bytes.copy(block, to + 46, from + 30, from + length)
}

/** What only the directory knows (4.4.11 to 4.4.16): no comment, the first disk, no internal attributes. */
function attributes(view: DataView, at: number, mode: number, offset: number, isFolder: boolean): void {
  view.setUint32(at + 32, 0, true)
  view.setUint16(at + 36, 0, true)
  view.setUint32(at + 38, (mode << 16) | (isFolder ? 0x10 : 0), true)
  view.setUint32(at + 42, Math.min(offset, MAX32), true)
}

/** What ends the archive (4.3.16); the 64-bit records (4.3.14, 4.3.15) come before the classic one when a number does not fit it. */
export function endRecords(count: number, size: number, offset: number): Buffer {
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(Math.min(count, MAX16), 8)
  end.writeUInt16LE(Math.min(count, MAX16), 10)
  end.writeUInt32LE(Math.min(size, MAX32), 12)
  end.writeUInt32LE(Math.min(offset, MAX32), 16)
  if (count < MAX16 && size < MAX32 && offset < MAX32) return end
  const wide = Buffer.alloc(56)
  wide.writeUInt32LE(0x06064b50, 0)
  wide.writeBigUInt64LE(44n, 4)
  wide.writeUInt16LE(MADE_BY, 12)
  wide.writeUInt16LE(45, 14)
  wide.writeBigUInt64LE(BigInt(count), 24)
  wide.writeBigUInt64LE(BigInt(count), 32)
  wide.writeBigUInt64LE(BigInt(size), 40)
  wide.writeBigUInt64LE(BigInt(offset), 48)
  const locator = Buffer.alloc(20)
  locator.writeUInt32LE(0x07064b50, 0)
  locator.writeBigUInt64LE(BigInt(offset + size), 8)
  locator.writeUInt32LE(1, 16)
  return Buffer.concat([wide, locator, end])
}

/** The 24 bytes both headers share (4.4.3 to 4.4.10), from "version needed" to the length of the name. */
function shared(view: DataView, at: number, member: ZipMember, wide: boolean = member.wide): void {
  const { time, date } = dosTime(member.modified)
  const large = wide || Math.max(member.size, member.packed, member.offset) >= MAX32
  view.setUint16(at, large ? 45 : 20, true)
  // Names that are no UTF-8 are written as the bytes they are, without the flag that says otherwise.
  view.setUint16(at + 2, isUtf8(member.name) ? UTF8 : 0, true)
  view.setUint16(at + 4, member.method, true)
  view.setUint16(at + 6, time, true)
  view.setUint16(at + 8, date, true)
  view.setUint32(at + 10, member.crc, true)
  view.setUint32(at + 14, wide ? MAX32 : Math.min(member.packed, MAX32), true)
  view.setUint32(at + 18, wide ? MAX32 : Math.min(member.size, MAX32), true)
  view.setUint16(at + 22, member.name.length, true)
}

/** A view is compiled into next to nothing; a buffer's own methods check and are inlined a dozen times, which takes longer than their work. */
function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}

function roomFor(fixed: number, name: Buffer, wide: readonly number[], modified: Date): Buffer {
  const sizes = wide.length > 0 ? 4 + wide.length * 8 : 0
  return Buffer.allocUnsafe(fixed + name.length + sizes + (isFar(secondsOf(modified)) ? 36 : 9))
}

/** What follows a header: the name, 64-bit sizes, and the time in UTC seconds (Info-ZIP's "extended timestamp"), or as NTFS has it. How long the two last are. */
function variable(head: Buffer, start: number, name: Buffer, wide: readonly number[], modified: Date): number {
  const view = viewOf(head)
  head.set(name, start)
  let at = start + name.length
  if (wide.length > 0) {
    view.setUint16(at, 0x0001, true)
    view.setUint16(at + 2, wide.length * 8, true)
    for (const [index, value] of wide.entries()) view.setBigUint64(at + 4 + index * 8, BigInt(value), true)
    at += 4 + wide.length * 8
  }
  const seconds = secondsOf(modified)
  if (isFar(seconds)) {
    view.setUint16(at, 0x000a, true)
    view.setUint16(at + 2, 32, true)
    view.setUint32(at + 4, 0, true)
    view.setUint16(at + 8, 1, true)
    view.setUint16(at + 10, 24, true)
    // When it was read and made is not kept: the same goes for all three.
    const ticks = BigInt(Math.max(-FARTHEST, Math.min(seconds, FARTHEST)) + FROM_1601) * 10_000_000n
    for (const to of [12, 20, 28]) view.setBigInt64(at + to, ticks, true)
    at += 36
  } else {
    view.setUint16(at, 0x5455, true)
    view.setUint16(at + 2, 5, true)
    view.setUint8(at + 4, 1)
    view.setInt32(at + 5, seconds, true)
    at += 9
  }
  return at - start - name.length
}

/** Since 1970, in UTC: the DOS fields below know neither a zone nor odd seconds. */
function secondsOf(modified: Date): number {
  return Math.floor(modified.getTime() / 1000)
}

/** Before 1901 or after 2038: more than fits 32 bits. */
function isFar(seconds: number): boolean {
  return Math.abs(seconds) > 0x7fffffff
}

function dosTime(modified: Date): { time: number; date: number } {
  const year = modified.getUTCFullYear()
  if (year < 1980) return { time: 0, date: (1 << 5) | 1 }
  if (year > 2107) return { time: 0xbf7d, date: 0xff9f }
  const time = (modified.getUTCHours() << 11) | (modified.getUTCMinutes() << 5) | (modified.getUTCSeconds() >> 1)
  return { time, date: ((year - 1980) << 9) | ((modified.getUTCMonth() + 1) << 5) | modified.getUTCDate() }
}
