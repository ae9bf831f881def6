/**
 * Tables that tell a code's symbols by the bits that come next (RFC 1951, 3.2.2). An entry (u32) is found by the lowest bits, whatever
 * follows the code: the bits to consume, extra ones included (6), those of the code itself (from bit 8), flags, and a value (from bit 16).
 * Longer codes go on in a table of their own behind it. What is built and looked up here was learnt from libdeflate.
 */

import { ALL_LITERALS, MOST_BITS } from './code-lengths.ts'

/** Bit 31, so that it is seen by the sign. The value is the byte. */
export const LITERAL: u32 = 1 << 31
/** Neither a literal nor a length or distance: the end of the block, another table, or nothing that is allowed. */
export const SPECIAL: u32 = 1 << 14
/** The value is where it begins, and the bits of the code are those it is looked up by. */
export const SUBTABLE: u32 = 1 << 15
export const VALUE: u32 = 16
/** What no code leads to, or one that must not occur. The end of the block has the value 0. */
export const INVALID: u32 = SPECIAL | (1 << VALUE)
export const CODE_BITS: u32 = 8

const COUNTS = memory.data(4 * (MOST_BITS + 1), 4)
const PLACES = memory.data(4 * (MOST_BITS + 2), 4)
/** The symbols (u16) in the order of their codes. */
const SORTED = memory.data(2 * ALL_LITERALS, 2)

function put(table: usize, index: u32, entry: u32): void {
  store<u32>(table + ((<usize>index) << 2), entry)
}

function counted(length: u32): u32 {
  return load<u32>(COUNTS + ((<usize>length) << 2))
}

/**
 * Fills `table` and answers by how many bits it is looked up, `most` at most; 0 where the lengths make no code. `values` has an entry
 * without code bits for each symbol. A code that leaves something over is none, but for a single symbol of one bit, or no symbol at all.
 */
export function makeTable(lengths: usize, symbols: i32, values: usize, table: usize, most: u32): u32 {
  const longest = sort(lengths, symbols)
  let room: u32 = 0
  for (let length: u32 = 1; length <= longest; length++) room += counted(length) << (MOST_BITS - length)
  if (room !== 1 << MOST_BITS) {
    if (longest > 1 || room > 1 << MOST_BITS) return 0
    put(table, 0, longest === 0 ? INVALID : entryOf(values, SORTED, 1))
    put(table, 1, INVALID)
    return 1
  }
  const bits = min(longest, most)
  let symbol = SORTED
  let code: u32 = 0
  let length: u32 = 1
  let left = counted(1)
  let end: u32 = 2
  // As long as one table is enough, it is doubled for every further bit.
  for (;;) {
    while (left === 0) {
      if (length === bits) break
      memory.copy(table + ((<usize>end) << 2), table, (<usize>end) << 2)
      end <<= 1
      left = counted(++length)
    }
    if (left === 0) break
    put(table, code, entryOf(values, symbol, length))
    symbol += 2
    left--
    code = following(code, end - 1)
  }
  if (longest > bits) makeSubtables(symbol, values, table, bits, code)
  return bits
}

/** For codes longer than `bits`; the first one is `code`, that of `symbol`. */
function makeSubtables(symbol: usize, values: usize, table: usize, bits: u32, code: u32): void {
  const mask: u32 = (1 << bits) - 1
  let length = bits
  let left: u32 = 0
  let prefix: u32 = 0xffffffff
  let start: u32 = 0
  let end: u32 = 1 << bits
  for (;;) {
    while (left === 0) {
      if (length === MOST_BITS) return
      left = counted(++length)
    }
    if ((code & mask) !== prefix) {
      prefix = code & mask
      start = end
      const more = subtableBits(length, left, bits)
      end = start + (1 << more)
      put(table, prefix, (start << VALUE) | SUBTABLE | SPECIAL | (more << CODE_BITS) | bits)
    }
    const entry = entryOf(values, symbol, length - bits)
    for (let at = start + (code >> bits); at < end; at += 1 << (length - bits)) put(table, at, entry)
    symbol += 2
    left--
    code = following(code, (1 << length) - 1)
  }
}

/** As many as the longest code takes that begins with the same bits as this one. */
function subtableBits(length: u32, left: u32, bits: u32): u32 {
  let more = length - bits
  for (let used = left; used < (<u32>1) << more;) {
    more++
    used = (used << 1) + counted(bits + more)
  }
  return more
}

/** The code after one of the same length (`mask`), bits reversed; after the last one, the first of those that are longer. */
function following(code: u32, mask: u32): u32 {
  const zeros = code ^ mask
  if (zeros === 0) return 0
  const bit: u32 = 1 << (31 - clz(zeros))
  return (code & (bit - 1)) | bit
}

function entryOf(values: usize, symbol: usize, length: u32): u32 {
  return load<u32>(values + ((<usize>load<u16>(symbol)) << 2)) + (length << CODE_BITS) + length
}

/** Sorts the symbols by length, counts those of each, and says which is the longest. */
function sort(lengths: usize, symbols: i32): u32 {
  memory.fill(COUNTS, 0, 4 * (MOST_BITS + 1))
  for (let symbol = 0; symbol < symbols; symbol++) {
    const place = COUNTS + ((<usize>load<u8>(lengths + symbol)) << 2)
    store<u32>(place, load<u32>(place) + 1)
  }
  let longest: u32 = 0
  let sum: u32 = 0
  for (let length: u32 = 1; length <= MOST_BITS; length++) {
    store<u32>(PLACES + ((<usize>length) << 2), sum)
    sum += counted(length)
    if (counted(length) !== 0) longest = length
  }
  for (let symbol = 0; symbol < symbols; symbol++) {
    const length = load<u8>(lengths + symbol)
    if (length === 0) continue
    const place = PLACES + ((<usize>length) << 2)
    const at = load<u32>(place)
    store<u16>(SORTED + ((<usize>at) << 1), <u16>symbol)
    store<u32>(place, at + 1)
  }
  return longest
}
