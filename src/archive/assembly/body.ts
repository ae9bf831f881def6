/** The body of a block in its two codes (RFC 1951, 3.2.3): the sequences, then the symbol for its end. */

import {
  distanceBase,
  distanceExtra,
  DISTANCES,
  END_OF_BLOCK,
  FIRST_LENGTH,
  lengthBase,
  lengthExtra,
  lengthSymbol,
  LONGEST,
  SHORTEST,
} from './alphabet.ts'
import { heldBits, heldCount, nextByte, putBits, resumeBits } from './bits.ts'
import { SEQUENCES } from './sequences.ts'

/** By length (u32): bits of the code and the extra bits << 8 | how many. */
const LENGTH_BITS = memory.data(4 * 259, 4)
/** By symbol (u64): bits of the code | how many << 16 | how many with the extra bits << 24 | base << 32. */
const DISTANCE_BITS = memory.data(8 * DISTANCES, 8)

/** `codes` as `makeCodes` made them. */
export function putBody(start: usize, literalCodes: usize, distanceCodes: usize): void {
  makeLengthBits(literalCodes)
  makeDistanceBits(distanceCodes)
  let at = start
  let bits = heldBits()
  let count = heldCount()
  let next = nextByte()
  for (let place = SEQUENCES; ; place += 8) {
    const sequence = load<u64>(place)
    let literals = <u32>sequence
    for (; literals > 3; literals -= 4, at += 4) {
      const four = load<u32>(at)
      const first = codeOf(literalCodes, four & 255)
      const second = codeOf(literalCodes, (four >> 8) & 255)
      bits |= (first >> 8) << count
      count += first & 255
      bits |= (second >> 8) << count
      count += second & 255
      store<u64>(next, bits)
      next += <usize>(count >> 3)
      bits >>= count & 56
      count &= 7
      const third = codeOf(literalCodes, (four >> 16) & 255)
      const fourth = codeOf(literalCodes, four >> 24)
      bits |= (third >> 8) << count
      count += third & 255
      bits |= (fourth >> 8) << count
      count += fourth & 255
      store<u64>(next, bits)
      next += <usize>(count >> 3)
      bits >>= count & 56
      count &= 7
    }
    // The last up to three without a branch: what is not there has no bits.
    const three = load<u32>(at)
    const first = select<u64>(codeOf(literalCodes, three & 255), 0, literals > 0)
    const second = select<u64>(codeOf(literalCodes, (three >> 8) & 255), 0, literals > 1)
    const third = select<u64>(codeOf(literalCodes, (three >> 16) & 255), 0, literals > 2)
    bits |= (first >> 8) << count
    count += first & 255
    bits |= (second >> 8) << count
    count += second & 255
    bits |= (third >> 8) << count
    count += third & 255
    store<u64>(next, bits)
    next += <usize>(count >> 3)
    bits >>= count & 56
    count &= 7
    const match = <u32>(sequence >> 32)
    if (match === 0) break
    // At most 20 and 28 bits.
    const length = match & 511
    const lengthBits: u64 = load<u32>(LENGTH_BITS + ((<usize>length) << 2))
    bits |= (lengthBits >> 8) << count
    count += lengthBits & 255
    const code = load<u64>(DISTANCE_BITS + ((<usize>(match >> 25)) << 3))
    const extra = <u64>((match >> 9) & 0xffff) - (code >> 32)
    bits |= ((code & 0xffff) | (extra << ((code >> 16) & 255))) << count
    count += (code >> 24) & 255
    store<u64>(next, bits)
    next += <usize>(count >> 3)
    bits >>= count & 56
    count &= 7
    at += literals + length
  }
  resumeBits(bits, count, next)
  const end = codeOf(literalCodes, END_OF_BLOCK)
  putBits(end >> 8, end & 255)
}

function codeOf(codes: usize, symbol: u32): u64 {
  return load<u32>(codes + ((<usize>symbol) << 2))
}

function makeLengthBits(codes: usize): void {
  for (let length = SHORTEST; length <= LONGEST; length++) {
    const symbol = lengthSymbol(length)
    const code = <u32>codeOf(codes, FIRST_LENGTH + symbol)
    const bits = (code >> 8) | ((length - lengthBase(symbol)) << (code & 255))
    store<u32>(LENGTH_BITS + ((<usize>length) << 2), (bits << 8) | ((code & 255) + lengthExtra(symbol)))
  }
}

function makeDistanceBits(codes: usize): void {
  for (let symbol = 0; symbol < DISTANCES; symbol++) {
    const code = codeOf(codes, symbol)
    const all = (code & 255) + distanceExtra(symbol)
    const bits = (code >> 8) | ((code & 255) << 16) | (all << 24) | ((<u64>distanceBase(symbol)) << 32)
    store<u64>(DISTANCE_BITS + ((<usize>symbol) << 3), bits)
  }
}
