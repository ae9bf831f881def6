import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { isDatabase } from './databases.ts'
import { deflateRaw } from './deflate-raw.ts'
import { isDense, isDenseName } from './dense.ts'
import { release } from './memory.ts'
import { readSettled, smallRoom } from './read-settled.ts'
import { localHeader } from './zip-format.ts'
import type { ZipMember } from './zip-format.ts'

/**
 * How content stands in a zip. `digest` is the SHA-256, one character a byte, of the packed bytes and the `head` bytes before them, which are all of its local
 * header or none; it is empty when nobody will look at it.
 */
export type Payload = { method: 0 | 8; crc: number; packed: number; size: number; head: number; digest: string }

/** How long a digest is. */
export const DIGEST = 32

/** A member to pack; paths and names are bytes, one character each. */
export type PackItem = {
  path: string
  name: string
  mode: number
  mtimeMs: number
  /** The content itself: a link's target; empty for a folder; null for a file, which is read. */
  data: string | null
  /** Whether its header will be the same as long as its file is. */
  steady: boolean
  /** How a file that will be read stood when it was found. */
  seen: { key: string; size: number } | null
}

/** `digests`: somebody will look at them. */
export type PackJob = { root: string; items: PackItem[]; level: number; digests: boolean }

/** `key` and `opened` say what was read and when; both are empty for what was not. */
type PackedItem = Payload & {
  state: 'packed' | 'gone' | 'unsettled'
  mode: number
  mtimeMs: number
  header: number
  key: string
  opened: number
}

/** Members one after the other, each with its local header before it. */
export type PackedBatch = { packed: Uint8Array<ArrayBuffer>; items: PackedItem[] }

/** Packs small members into one piece of an archive, which may stand anywhere in it. */
export function packBatch({ root, items, level, digests }: PackJob): PackedBatch {
  let out = Buffer.from(new ArrayBuffer(estimate(items)))
  let at = 0
  const packed = items.map((item): PackedItem => {
    const made = make(item, root, level)
    if (made === null) return GONE
    const { payload, bytes, state, mode, mtimeMs, key, opened } = made
    const header = localHeader(memberOf(item.name, mode, mtimeMs, payload, 0))
    if (at + header.length + bytes.length > out.length) out = grown(out, at, header.length + bytes.length)
    out.set(header, at)
    out.set(bytes, at + header.length)
    const head = item.steady ? header.length : 0
    const member = out.subarray(at + header.length - head, at + header.length + bytes.length)
    const digest = digests && item.data === null ? hash('sha256', member, 'latin1') : ''
    at += header.length + bytes.length
    if (payload.method === 8) release(bytes)
    return { ...payload, head, digest, state, mode, mtimeMs, header: header.length, key, opened }
  })
  return { packed: new Uint8Array(out.buffer, 0, at), items: packed }
}

/** The headers' view of a member; see `zip-format.ts`. */
export function memberOf(
  name: string,
  mode: number,
  mtimeMs: number,
  payload: Payload,
  offset: number,
  wide = false,
): ZipMember {
  const { method, crc, packed, size } = payload
  return {
    name: Buffer.from(name, 'latin1'),
    mode,
    modified: new Date(mtimeMs),
    method,
    crc,
    packed,
    size,
    offset,
    wide,
  }
}

/** A folder's, and that of what is not known yet. */
export const NO_PAYLOAD: Payload = { method: 0, crc: 0, packed: 0, size: 0, head: 0, digest: '' }
const GONE: PackedItem = { ...NO_PAYLOAD, state: 'gone', mode: 0, mtimeMs: 0, header: 0, key: '', opened: 0 }

type Made = Pick<PackedItem, 'state' | 'mode' | 'mtimeMs' | 'key' | 'opened'> & { payload: Payload; bytes: Uint8Array }

function make(item: PackItem, root: string, level: number): Made | null {
  const { mode, mtimeMs } = item
  if (item.data !== null || item.seen === null) {
    const bytes = Buffer.from(item.data ?? '', 'latin1')
    return { state: 'packed', mode, mtimeMs, key: '', opened: 0, ...packBytes(bytes, true, level) }
  }
  const room = smallRoom()
  // Long is only what was to be copied, and is not what it was.
  const space = item.seen.size > room.length ? Buffer.allocUnsafeSlow(item.seen.size) : room
  const read = readSettled({ root, path: item.path, ...item.seen }, space)
  if (read === null) return null
  const { facts, opened, settled, data } = read
  const state = settled ? 'packed' : 'unsettled'
  const key = settled && !isDatabase(data) ? facts.key : ''
  return {
    state,
    mode: facts.mode,
    mtimeMs: facts.mtimeMs,
    key,
    opened,
    ...packBytes(data, isDenseName(item.path), level),
  }
}

function packBytes(data: Uint8Array, dense: boolean, level: number): { payload: Payload; bytes: Uint8Array } {
  const size = data.length
  const deflated =
    dense || size < 32 || isDense(data) ? data : deflateRaw(data, { dictionary: null, level, last: true })
  const bytes = deflated.length < size ? deflated : data
  return {
    payload: { method: bytes === data ? 0 : 8, crc: crc32(data), packed: bytes.length, size, head: 0, digest: '' },
    bytes,
  }
}

function estimate(items: readonly PackItem[]): number {
  return items.reduce((sum, item) => sum + 160 + item.name.length + (item.data?.length ?? 16_384), 0)
}

function grown(out: Buffer, used: number, more: number): Buffer<ArrayBuffer> {
  const larger = Buffer.from(new ArrayBuffer(Math.max(out.length * 2, used + more)))
  out.copy(larger, 0, 0, used)
  release(out)
  return larger
}
