import { crc32 } from 'node:zlib'
import { StepFailed, messageOf } from '../core/failure.ts'
import { inShort } from '../core/text.ts'
import { codeOf } from '../world/files.ts'
import type { Inflater } from './inflater.ts'
import { TOO_LONG } from './inflater.ts'
import { fill } from './read-settled.ts'

/** Where a member's content stands, by its directory entry. `name` is bytes, one character each. */
export type Stored = { at: number; packed: number; size: number; crc: number; method: 0 | 8; name: string }

/** Members up to this size, packed or not, are read in one go; longer ones a piece at a time. */
const SHORT = 4 << 20
const PIECE = 1 << 20
/** The local header: APPNOTE 4.3.7. What follows it, a name and extra fields, is seldom longer than guessed here. */
const LOCAL = 30
const EXTRA = 128
const ENDS_EARLY = 'ends early'
const DISAGREES = 'does not agree with its checksum'

export function isLong({ packed, size }: Stored): boolean {
  return Math.max(packed, size) > SHORT
}

/** Behind the member, as far as the directory can tell. */
export function endOf({ at, packed, name }: Stored): number {
  return at + LOCAL + name.length + EXTRA + packed
}

/** Reads members that are not long out of an archive. What it answers is good until the next one is read. */
export type MemberReader = {
  /** Reads on to `end` when there is more to read: members stand next to one another. */
  expect(start: number, end: number): void
  /** The content of a member, checked against its size and CRC. */
  read(item: Stored): Buffer
}

export function memberReader(fd: number, inflater: Inflater): MemberReader {
  const { room } = inflater
  let start = 0
  let ahead = 0
  const expect = (from: number, end: number): void => {
    start = from
    ahead = fill(fd, room.subarray(0, end - from), from)
  }
  const view = (item: Stored, at: number, length: number): Buffer => {
    if (at < start || at + length > start + ahead) expect(at, Math.max(at + length, endOf(item)))
    if (ahead < length) throw new StepFailed('unzip', `${shown(item)} ${ENDS_EARLY}`)
    return room.subarray(at - start, at - start + length)
  }
  return {
    expect,
    read(item) {
      const packed = view(item, contentStart(item, view(item, item.at, LOCAL)), item.packed)
      try {
        const data = item.method === 0 ? packed : inflater.whole(packed, item.size)
        if (data.length !== item.size || crc32(data) !== item.crc) throw new Error(DISAGREES)
        return data
      } catch (error) {
        throw named(item, error)
      }
    },
  }
}

/** The content of a long member in pieces, each good until the next one; that it agrees with its checksum is known at the end. */
export async function* contentOf(fd: number, item: Stored, inflater: Inflater): AsyncGenerator<Buffer> {
  const header = Buffer.alloc(LOCAL)
  if (fill(fd, header, item.at) < LOCAL) throw new StepFailed('unzip', `${shown(item)} ${ENDS_EARLY}`)
  let at = contentStart(item, header)
  const end = at + item.packed
  const read = (room: Buffer): number => {
    const wanted = Math.min(room.length, end - at)
    if (fill(fd, room.subarray(0, wanted), at) < wanted) throw new Error(ENDS_EARLY)
    at += wanted
    return wanted
  }
  let size = 0
  let crc = 0
  try {
    for await (const piece of item.method === 0 ? pieces(read, inflater.room) : inflater.pieces(read)) {
      size += piece.length
      if (size > item.size) throw new Error(TOO_LONG)
      crc = crc32(piece, crc)
      yield piece
    }
    if (size !== item.size || crc !== item.crc) throw new Error(DISAGREES)
  } catch (error) {
    throw named(item, error)
  }
}

function* pieces(read: (room: Buffer) => number, room: Buffer): Generator<Buffer> {
  for (let length = PIECE; length === PIECE;) {
    length = read(room.subarray(0, PIECE))
    yield room.subarray(0, length)
  }
}

/** Where the content begins. The local header may hold other extra fields than the directory. */
function contentStart(item: Stored, header: Buffer): number {
  if (header.readUInt32LE(0) !== 0x04034b50)
    throw new StepFailed('unzip', `${shown(item)} is not where the directory says`)
  return item.at + LOCAL + header.readUInt16LE(26) + header.readUInt16LE(28)
}

/** What is wrong with a member; what is wrong with the disk stays as it is. */
function named(item: Stored, error: unknown): unknown {
  return codeOf(error) === null ? new StepFailed('unzip', `${shown(item)} ${messageOf(error)}`) : error
}

function shown({ name }: Stored): string {
  return inShort(Buffer.from(name, 'latin1').toString('utf8'))
}
