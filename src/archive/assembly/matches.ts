/**
 * Earlier places with the same bytes (RFC 1951, 4). A bucket has the last four positions whose next four bytes have the same hash, the
 * newest first: 16 bits of the position, below 16 more bits of the hash. One comparison of the whole bucket tells whether any can match.
 */

import { LONGEST } from './alphabet.ts'

/** How far back a match may begin. */
export const WINDOW: u32 = 32768
/** Shorter matches are not looked for. */
export const MINIMUM: u32 = 4
/** So many bytes are compared at once; longer matches take another look. */
export const LOOK: u32 = 16
/** A match of this length is not worth looking for a longer one. */
const ENOUGH: u32 = 32

/** Bits of a hash that choose a bucket: all buckets fit the cache that is nearest but one, and are cleared in no time. */
const BITS = 12
const BUCKET = 16
const BUCKETS = memory.data(BUCKET << BITS, 16)
const FACTOR: u32 = 0x9e3779b1

/** Forgets what was inserted. */
export function clearMatches(): void {
  memory.fill(BUCKETS, 0, BUCKET << BITS)
}

export function hashOf(at: usize): u32 {
  return load<u32>(at) * FACTOR
}

export function bucketOf(hash: u32): usize {
  return BUCKETS + ((<usize>(hash >> (32 - BITS))) << 4)
}

export function entryOf(hash: u32, at: usize): u32 {
  return ((hash << BITS) & 0xffff0000) | (<u32>at & 0xffff)
}

/** Puts a new entry before those that were there; the oldest is lost. */
export function pushEntry(bucket: usize, entry: u32): void {
  const were = v128.load(bucket)
  v128.store(bucket, i32x4.replace_lane(v128.shuffle<i32>(were, were, 0, 0, 1, 2), 0, entry))
}

export function insert(at: usize): void {
  const hash = hashOf(at)
  const bucket = bucketOf(hash)
  pushEntry(bucket, entryOf(hash, at))
}

/** Whether entries have the same hash as this one: almost always the same four bytes, if they are still within the window. */
export function anyLike(bucket: usize, entry: u32): bool {
  // The upper halves of the lanes.
  return (i8x16.bitmask(i16x8.eq(v128.load(bucket), i32x4.splat(entry))) & 0x8888) !== 0
}

/**
 * The longest match with one of a bucket's four, and the nearest of those: `length << 16 | 0xffff - distance`, shorter than `MINIMUM`
 * for none. It may refer to what begins at `first`, and is known to end at `end` only if it is longer than one look.
 */
export function matchAt(at: usize, bucket: usize, first: usize, end: usize): u32 {
  const far = <u32>min<usize>(at - first, WINDOW)
  const match = bestOf(at, bucket, far)
  return match < LOOK << 16 ? match : longestOf(at, bucket, far, min<u32>(LONGEST, <u32>(end - at)))
}

/** One look at all four, without a branch, which would be foreseen wrongly half of the time. */
function bestOf(at: usize, bucket: usize, far: u32): u32 {
  const a = lookAt(at, bucket, far)
  const b = lookAt(at, bucket + 4, far)
  const c = lookAt(at, bucket + 8, far)
  const d = lookAt(at, bucket + 12, far)
  return larger(larger(a, b), larger(c, d))
}

function larger(a: u32, b: u32): u32 {
  return select<u32>(a, b, a > b)
}

/** `far`: how far back there is content. A position that is not there any more counts nothing, whatever it was. */
function lookAt(at: usize, position: usize, far: u32): u32 {
  const distance = distanceOf(at, position)
  const equal = i8x16.bitmask(i8x16.eq(v128.load(at), v128.load(at - distance)))
  const length = ctz(equal ^ 0x1ffff)
  return select<u32>((length << 16) | (0xffff - distance), 0, distance - 1 < far)
}

function distanceOf(at: usize, position: usize): u32 {
  return (<u32>at - <u32>load<u16>(position)) & 0xffff
}

/** Like `bestOf`, for matches of up to `most`. */
function longestOf(at: usize, bucket: usize, far: u32, most: u32): u32 {
  let longest: u32 = 0
  for (let position = bucket; position < bucket + BUCKET; position += 4) {
    const distance = distanceOf(at, position)
    if (distance - 1 >= far) continue
    const length = lengthOf(at, at - distance, most)
    if (length > longest >> 16) longest = (length << 16) | (0xffff - distance)
    if (length >= ENOUGH) break
  }
  return longest
}

function lengthOf(at: usize, before: usize, most: u32): u32 {
  for (let length: u32 = 0; length < most; length += LOOK) {
    const equal = i8x16.bitmask(i8x16.eq(v128.load(at + length), v128.load(before + length)))
    if (equal !== 0xffff) return min<u32>(length + ctz(~equal), most)
  }
  return most
}
