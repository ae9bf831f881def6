/** Content that was packed as literals and matches (RFC 1951, 3.2.3): where the time of inflating goes. */

import {
  distanceBase,
  distanceExtra,
  DISTANCES,
  END_OF_BLOCK,
  FIRST_LENGTH,
  lengthBase,
  lengthExtra,
  LITERALS,
  makeAlphabet,
} from './alphabet.ts'
import { ALL_DISTANCES, ALL_LITERALS } from './code-lengths.ts'
import { CODE_BITS, INVALID, LITERAL, makeTable, SPECIAL, SUBTABLE, VALUE } from './decode-table.ts'
import { heldBits, heldCount, lastRead, nextByte, resumeReading } from './reading.ts'

const LITERAL_BITS = 11
const DISTANCE_BITS = 8
/** With their subtables: as many entries as any code of 15 bits can need. */
const LITERAL_TABLE = memory.data(4 * 2342, 4)
const DISTANCE_TABLE = memory.data(4 * 402, 4)
/** Each symbol's entry in them, but for the bits of its code. */
const LITERAL_VALUES = memory.data(4 * ALL_LITERALS, 4)
const DISTANCE_VALUES = memory.data(4 * ALL_DISTANCES, 4)
let literalBits: u32 = 0
let distanceBits: u32 = 0
let made: usize = 0

/** How a part of the work ended. */
export const ENDED = 0
export const MORE_PACKED = 1
export const MORE_ROOM = 2
export const FLAWED = 3

/** Needed once. */
export function makeValues(): void {
  makeAlphabet()
  const put = (values: usize, symbol: i32, entry: u32): void => store<u32>(values + ((<usize>symbol) << 2), entry)
  for (let symbol = 0; symbol < ALL_LITERALS; symbol++) {
    const length = symbol - FIRST_LENGTH
    if (symbol < END_OF_BLOCK) put(LITERAL_VALUES, symbol, LITERAL | (symbol << VALUE))
    else if (symbol === END_OF_BLOCK) put(LITERAL_VALUES, symbol, SPECIAL)
    else if (symbol < LITERALS) put(LITERAL_VALUES, symbol, (lengthBase(length) << VALUE) | lengthExtra(length))
    else put(LITERAL_VALUES, symbol, INVALID)
  }
  for (let symbol = 0; symbol < ALL_DISTANCES; symbol++)
    put(DISTANCE_VALUES, symbol, symbol < DISTANCES ? (distanceBase(symbol) << VALUE) | distanceExtra(symbol) : INVALID)
}

/** Takes the lengths of both codes; false where they make none. */
export function useCodes(lengths: usize, literals: i32, distances: i32): bool {
  literalBits = makeTable(lengths, literals, LITERAL_VALUES, LITERAL_TABLE, LITERAL_BITS)
  distanceBits = makeTable(lengths + literals, distances, DISTANCE_VALUES, DISTANCE_TABLE, DISTANCE_BITS)
  return literalBits !== 0 && distanceBits !== 0
}

/**
 * Decodes until the block ends, what is packed does, or the content goes beyond `limit`, by 261 bytes at most; some 16 behind it are
 * overwritten. `first` is the first byte a match may refer to. `contentEnd` says how far it came.
 */
export function decode(first: usize, out: usize, limit: usize): i32 {
  let bits = heldBits()
  // Only the lowest 6 bits of it are the number: an entry is subtracted as a whole, and counts of shifts are taken by them alone.
  let count = heldCount()
  let next = nextByte()
  const enough = lastRead()
  const literalMask: u64 = (1 << literalBits) - 1
  const distanceMask: u64 = (1 << distanceBits) - 1
  let state = MORE_PACKED
  while (next <= enough) {
    if (out > limit) {
      state = MORE_ROOM
      break
    }
    bits |= load<u64>(next) << count
    next += <usize>((~count & 63) >> 3)
    count |= 56
    let entry = load<u32>(LITERAL_TABLE + ((<usize>(bits & literalMask)) << 2))
    if (<i32>entry < 0) {
      bits >>= entry
      count -= entry
      store<u8>(out++, <u8>(entry >> VALUE))
      entry = load<u32>(LITERAL_TABLE + ((<usize>(bits & literalMask)) << 2))
      if (<i32>entry < 0) {
        bits >>= entry
        count -= entry
        store<u8>(out++, <u8>(entry >> VALUE))
        entry = load<u32>(LITERAL_TABLE + ((<usize>(bits & literalMask)) << 2))
        if (<i32>entry < 0) {
          bits >>= entry
          count -= entry
          store<u8>(out++, <u8>(entry >> VALUE))
          continue
        }
      }
      bits |= load<u64>(next) << count
      next += <usize>((~count & 63) >> 3)
      count |= 56
    }
    if (entry & SPECIAL) {
      if (entry & SUBTABLE) {
        bits >>= entry
        count -= entry
        entry = load<u32>(
          LITERAL_TABLE + ((<usize>(entry >> VALUE) + <usize>(bits & (((<u64>1) << (entry >> CODE_BITS)) - 1))) << 2),
        )
        if (<i32>entry < 0) {
          bits >>= entry
          count -= entry
          store<u8>(out++, <u8>(entry >> VALUE))
          continue
        }
      }
      if (entry & SPECIAL) {
        state = entry >> VALUE ? FLAWED : ENDED
        bits >>= entry
        count -= entry
        break
      }
    }
    const length = (entry >> VALUE) + <u32>((bits & (((<u64>1) << entry) - 1)) >> (entry >> CODE_BITS))
    bits >>= entry
    count -= entry
    entry = load<u32>(DISTANCE_TABLE + ((<usize>(bits & distanceMask)) << 2))
    if (entry & SPECIAL) {
      if (entry & SUBTABLE) {
        bits >>= entry
        count -= entry
        entry = load<u32>(
          DISTANCE_TABLE + ((<usize>(entry >> VALUE) + <usize>(bits & (((<u64>1) << (entry >> CODE_BITS)) - 1))) << 2),
        )
      }
      if (entry & SPECIAL) {
        state = FLAWED
        break
      }
    }
    const distance = <usize>(entry >> VALUE) + <usize>((bits & (((<u64>1) << entry) - 1)) >> (entry >> CODE_BITS))
    bits >>= entry
    count -= entry
    if (distance > out - first) {
      state = FLAWED
      break
    }
    copyMatch(out, distance, length)
    out += length
  }
  resumeReading(bits, count & 63, next)
  made = out
  return state
}

/** Behind the content that there is. */
export function contentEnd(): usize {
  return made
}

/** Copies from `distance` bytes before, which may be what is just being written; up to 15 bytes behind it are overwritten. */
function copyMatch(to: usize, distance: usize, length: u32): void {
  const stop = to + <usize>length
  let from = to - distance
  if (distance >= 16) {
    do {
      v128.store(to, v128.load(from))
      from += 16
      to += 16
    } while (to < stop)
  } else if (distance === 1) {
    const all = i8x16.splat(load<i8>(from))
    do {
      v128.store(to, all)
      to += 16
    } while (to < stop)
  } else {
    // Of what is written at once, as many bytes are right as lie between the two.
    const step = min<usize>(distance, 8)
    do {
      store<u64>(to, load<u64>(from))
      from += step
      to += step
    } while (to < stop)
  }
}
