/** Blocks (RFC 1951, 3.2.3 to 3.2.7): each is packed in the way that is shortest for it. */

import { distanceExtra, DISTANCES, END_OF_BLOCK, FIRST_LENGTH, lengthExtra, LITERALS } from './alphabet.ts'
import { alignBits, putBits, putBytes } from './bits.ts'
import { putBody } from './body.ts'
import {
  ALL_DISTANCES,
  ALL_LITERALS,
  extraOfRun,
  fillFixed,
  MANY_ZEROS,
  MOST_BITS,
  MOST_RUN_BITS,
  ORDER,
  REPEAT,
  RUN_SYMBOLS,
  shortestRun,
  ZEROS,
} from './code-lengths.ts'
import { makeCodes, makeLengths } from './huffman.ts'
import { count, DISTANCE_COUNTS, LITERAL_COUNTS } from './sequences.ts'

const STORED: u32 = 0
const FIXED: u32 = 1
const DYNAMIC: u32 = 2
const MOST_STORED: u32 = 65535

/** The lengths of this block's own codes, and of those everybody knows; the distances' stand behind all 288 literals'. */
const OWN = memory.data(ALL_LITERALS + ALL_DISTANCES)
const KNOWN = memory.data(ALL_LITERALS + ALL_DISTANCES)
const LITERAL_CODES = memory.data(4 * ALL_LITERALS, 4)
const DISTANCE_CODES = memory.data(4 * ALL_DISTANCES, 4)

const RUN_COUNTS = memory.data(4 * RUN_SYMBOLS, 4)
const RUN_LENGTHS = memory.data(RUN_SYMBOLS)
const RUN_CODES = memory.data(4 * RUN_SYMBOLS, 4)
/** Both codes' lengths one after the other, and their runs (u16): symbol | extra << 5. */
const JOINED = memory.data(ALL_LITERALS + ALL_DISTANCES)
const RUNS = memory.data(2 * (ALL_LITERALS + ALL_DISTANCES), 2)

/** Fills the table of the fixed code. Needed once. */
export function makeFixed(): void {
  fillFixed(KNOWN)
}

/** Packs the content from `start` to `end`, whose sequences have been found. */
export function putBlock(start: usize, end: usize, last: bool): void {
  count(LITERAL_COUNTS, END_OF_BLOCK)
  makeLengths(LITERAL_COUNTS, LITERALS, MOST_BITS, OWN)
  makeLengths(DISTANCE_COUNTS, DISTANCES, MOST_BITS, OWN + ALL_LITERALS)
  const literals = usedOf(OWN, LITERALS, FIRST_LENGTH)
  const distances = usedOf(OWN + ALL_LITERALS, DISTANCES, 1)
  const runs = findRuns(literals, distances)
  makeLengths(RUN_COUNTS, RUN_SYMBOLS, MOST_RUN_BITS, RUN_LENGTHS)
  const dynamic = headerBits() + bodyBits(OWN)
  const fixed = bodyBits(KNOWN)
  if (storedBits(end - start) <= min<u32>(dynamic, fixed)) return putStored(start, end, last)
  putBits(<u64>last | ((fixed <= dynamic ? FIXED : DYNAMIC) << 1), 3)
  const lengths = fixed <= dynamic ? KNOWN : OWN
  if (lengths === OWN) putHeader(literals, distances, runs)
  makeCodes(lengths, ALL_LITERALS, LITERAL_CODES)
  makeCodes(lengths + ALL_LITERALS, DISTANCES, DISTANCE_CODES)
  putBody(start, LITERAL_CODES, DISTANCE_CODES)
}

/** An empty stored block: with it, what was packed ends at a whole byte. */
export function putEmpty(): void {
  putStored(0, 0, false)
}

/** 3.2.4, as many as it takes. */
function putStored(start: usize, end: usize, last: bool): void {
  do {
    const length = min<u32>(<u32>(end - start), MOST_STORED)
    const more = start + length < end
    putBits(<u64>(last && !more) | (STORED << 1), 3)
    alignBits()
    putBits(length | ((length ^ 0xffff) << 16), 32)
    putBytes(start, length)
    start += length
  } while (start < end)
}

/** At most, with what it takes to align them. */
function storedBits(size: usize): u32 {
  return <u32>(size << 3) + (3 + 7 + 32) * (<u32>size / MOST_STORED + 1)
}

function bodyBits(lengths: usize): u32 {
  let bits: u32 = 0
  for (let symbol = 0; symbol < LITERALS; symbol++) {
    const extra = symbol < FIRST_LENGTH ? 0 : lengthExtra(symbol - FIRST_LENGTH)
    bits += load<u32>(LITERAL_COUNTS + (symbol << 2)) * (load<u8>(lengths + symbol) + extra)
  }
  for (let symbol = 0; symbol < DISTANCES; symbol++)
    bits +=
      load<u32>(DISTANCE_COUNTS + (symbol << 2)) * (load<u8>(lengths + ALL_LITERALS + symbol) + distanceExtra(symbol))
  return bits
}

/** Symbols up to the last one that has a code. */
function usedOf(lengths: usize, symbols: i32, least: i32): i32 {
  while (symbols > least && load<u8>(lengths + symbols - 1) === 0) symbols--
  return symbols
}

/** Writes the lengths of both codes as runs, counts them, and says where they end. */
function findRuns(literals: i32, distances: i32): usize {
  memory.copy(JOINED, OWN, literals)
  memory.copy(JOINED + literals, OWN + ALL_LITERALS, distances)
  memory.fill(RUN_COUNTS, 0, RUN_SYMBOLS << 2)
  const all = literals + distances
  let to = RUNS
  for (let i = 0; i < all;) {
    const length: u32 = load<u8>(JOINED + i)
    let run = 1
    while (i + run < all && load<u8>(JOINED + i + run) === length) run++
    i += run
    if (length !== 0) {
      // What is repeated has to be there once.
      to = addRun(to, length, 0)
      run--
    }
    while (run >= 3) {
      const symbol = length !== 0 ? REPEAT : run < 11 ? ZEROS : MANY_ZEROS
      const least = shortestRun(symbol)
      const part = min<i32>(run, least + (1 << extraOfRun(symbol)) - 1)
      to = addRun(to, symbol, part - least)
      run -= part
    }
    while (run-- > 0) to = addRun(to, length, 0)
  }
  return to
}

function addRun(to: usize, symbol: u32, extra: u32): usize {
  store<u16>(to, <u16>(symbol | (extra << 5)))
  count(RUN_COUNTS, symbol)
  return to + 2
}

function runLengthsSent(): i32 {
  let sent = RUN_SYMBOLS
  while (sent > 4 && load<u8>(RUN_LENGTHS + load<u8>(ORDER + sent - 1)) === 0) sent--
  return sent
}

function headerBits(): u32 {
  let bits: u32 = 14 + 3 * runLengthsSent()
  for (let symbol = 0; symbol < RUN_SYMBOLS; symbol++)
    bits += load<u32>(RUN_COUNTS + (symbol << 2)) * (load<u8>(RUN_LENGTHS + symbol) + extraOfRun(symbol))
  return bits
}

function putHeader(literals: i32, distances: i32, end: usize): void {
  const sent = runLengthsSent()
  putBits((literals - FIRST_LENGTH) | ((distances - 1) << 5) | ((sent - 4) << 10), 14)
  for (let i = 0; i < sent; i++) putBits(load<u8>(RUN_LENGTHS + load<u8>(ORDER + i)), 3)
  makeCodes(RUN_LENGTHS, RUN_SYMBOLS, RUN_CODES)
  for (let run = RUNS; run < end; run += 2) {
    const symbol = load<u16>(run) & 31
    const code = load<u32>(RUN_CODES + ((<usize>symbol) << 2))
    putBits(code >> 8, code & 255)
    putBits(load<u16>(run) >> 5, extraOfRun(symbol))
  }
}
