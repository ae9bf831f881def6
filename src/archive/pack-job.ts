import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { copyPayloads } from './copy-payloads.ts'
import { isDatabase } from './databases.ts'
import { deflateRaw } from './deflate-raw.ts'
import { isDense } from './dense.ts'
import { release } from './memory.ts'
import { readSettled } from './read-settled.ts'
import { localHeader } from './zip-format.ts'
import type { ZipMember } from './zip-format.ts'

/** How content stands in a zip. `sha256` is of the packed bytes, in hex; it is empty when nobody will look at it. */
export type Payload = { method: 0 | 8; crc: number; packed: number; size: number; sha256: string }

/** A member to pack; paths and names are bytes, one character each. `copy` is where its packed bytes stand in an earlier archive. */
export type PackItem = {
  path: string
  name: string
  mode: number
  mtimeMs: number
  /** The content itself: a link's target; empty for a folder; null for a file, which is read. */
  data: string | null
  dense: boolean
  copy: (Payload & { at: number }) | null
  /** Copied only if the file is read and found to be the same. */
  verify: boolean
  /** How a file that will be read stood when it was found. */
  seen: { key: string; size: number } | null
}

/** `from` is the descriptor of the earlier archive. */
export type PackJob = { root: string; items: PackItem[]; level: number; from: number | null; digests: boolean }

/** `key` and `opened` say what was read and when; both are empty for what was not. `damaged`: the copy did not agree with its digest. */
type PackedItem = Payload & {
  state: 'packed' | 'copied' | 'gone' | 'unsettled'
  mode: number
  mtimeMs: number
  header: number
  key: string
  opened: number
  damaged: boolean
}

/** Members one after the other, each with its local header before it. */
export type PackedBatch = { packed: Uint8Array<ArrayBuffer>; items: PackedItem[] }

/** Files up to this size are packed in one go. */
export const SMALL = 1 << 20
const room = { buffer: Buffer.alloc(0) }

/** Packs small members (or copies them packed) into one piece of an archive, which may stand anywhere in it. */
export function packBatch({ root, items, level, from, digests }: PackJob): PackedBatch {
  if (room.buffer.length === 0) room.buffer = Buffer.allocUnsafeSlow(SMALL + 65_536)
  const { copies, runs } = copyPayloads(from, items)
  let out = Buffer.from(new ArrayBuffer(estimate(items)))
  let at = 0
  const packed = items.map((item, index): PackedItem => {
    const made = make(item, copies.get(index) ?? null, root, level)
    if (made === null) return { ...EMPTY, state: 'gone', damaged: false }
    const { payload, bytes, state, mode, mtimeMs, key, opened } = made
    const header = localHeader(memberOf(item.name, mode, mtimeMs, payload, 0))
    if (at + header.length + bytes.length > out.length) out = grown(out, at, header.length + bytes.length)
    out.set(header, at)
    out.set(bytes, at + header.length)
    at += header.length + bytes.length
    const sha256 = digests && item.data === null ? payload.sha256 || hash('sha256', bytes) : ''
    if (payload.method === 8 && state !== 'copied') release(bytes)
    const damaged = item.copy !== null && !copies.has(index)
    return { ...payload, sha256, state, mode, mtimeMs, header: header.length, key, opened, damaged }
  })
  for (const run of runs) release(run)
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

const EMPTY = {
  method: 0,
  crc: 0,
  packed: 0,
  size: 0,
  sha256: '',
  mode: 0,
  mtimeMs: 0,
  header: 0,
  key: '',
  opened: 0,
} as const

type Made = Pick<PackedItem, 'state' | 'mode' | 'mtimeMs' | 'key' | 'opened'> & { payload: Payload; bytes: Uint8Array }

function make(item: PackItem, copied: Uint8Array | null, root: string, level: number): Made | null {
  const { mode, mtimeMs } = item
  const copy = copied === null ? null : copyOf(item, copied)
  if (copy !== null && !item.verify) return copy
  if (item.data !== null) {
    const bytes = Buffer.from(item.data, 'latin1')
    return { state: 'packed', mode, mtimeMs, key: '', opened: 0, ...packBytes(bytes, true, level) }
  }
  // Long is only what was to be copied, and is not what it was.
  const long = (item.copy?.size ?? 0) > room.buffer.length
  const space = long ? Buffer.allocUnsafeSlow(item.copy?.size ?? 0) : room.buffer
  const read = readSettled(Buffer.from(`${root}/${item.path}`, 'latin1'), space, item.seen)
  if (read === null) return null
  const { facts, opened, settled, data } = read
  const same = settled && data.length === item.copy?.size && crc32(data) === item.copy.crc
  if (copy !== null && same) return copy
  const state = settled ? 'packed' : 'unsettled'
  const key = settled && !isDatabase(data) ? facts.key : ''
  return { state, mode: facts.mode, mtimeMs: facts.mtimeMs, key, opened, ...packBytes(data, item.dense, level) }
}

function copyOf({ copy, mode, mtimeMs }: PackItem, bytes: Uint8Array): Made | null {
  if (copy === null) return null
  const { at: _at, ...payload } = copy
  return { state: 'copied', mode, mtimeMs, key: '', opened: 0, payload, bytes }
}

function packBytes(data: Uint8Array, dense: boolean, level: number): { payload: Payload; bytes: Uint8Array } {
  const size = data.length
  const deflated =
    dense || size < 32 || isDense(data) ? data : deflateRaw(data, { dictionary: null, level, last: true })
  const bytes = deflated.length < size ? deflated : data
  return {
    payload: { method: bytes === data ? 0 : 8, crc: crc32(data), packed: bytes.length, size, sha256: '' },
    bytes,
  }
}

function estimate(items: readonly PackItem[]): number {
  return items.reduce(
    (sum, item) => sum + 160 + item.name.length + (item.copy?.packed ?? item.data?.length ?? 16_384),
    0,
  )
}

function grown(out: Buffer, used: number, more: number): Buffer<ArrayBuffer> {
  const larger = Buffer.from(new ArrayBuffer(Math.max(out.length * 2, used + more)))
  out.copy(larger, 0, 0, used)
  release(out)
  return larger
}
