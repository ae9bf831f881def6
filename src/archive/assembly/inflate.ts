/**
 * Inflate (RFC 1951) for archives of strangers and for the worst night. All memory is fixed: whatever is packed, nothing outside of it
 * is reached. Compiled by `npm run assembly`.
 */

import { END_OF_BLOCK, FIRST_LENGTH } from './alphabet.ts'
import {
  ALL_DISTANCES,
  ALL_LITERALS,
  extraOfRun,
  fillFixed,
  MOST_RUN_BITS,
  ORDER,
  REPEAT,
  RUN_SYMBOLS,
  shortestRun,
} from './code-lengths.ts'
import { makeTable, SPECIAL, VALUE } from './decode-table.ts'
import { contentEnd, decode, ENDED, FLAWED, makeValues, MORE_PACKED, MORE_ROOM, useCodes } from './inflate-codes.ts'
import {
  alignReading,
  copyBytes,
  hasBytes,
  isOver,
  nextByte,
  peekBits,
  refill,
  resumeReading,
  startReading,
  takeBits,
  unread,
} from './reading.ts'

/** Packed members are read a run at a time. */
const MOST_PACKED = 5 << 20
const MOST_CONTENT = 4 << 20
const WINDOW = 32768
/** Behind what there is, whole words are read; behind the content, a match and what is copied at once are written. */
const BEHIND = 1024
/** The longest head of a block: 17 bits, 19 lengths of 3, and 320 of up to 14. */
const MOST_HEAD = 600

export const packed = memory.data(MOST_PACKED + BEHIND, 16)
const MEMORY = memory.data(WINDOW + MOST_CONTENT + BEHIND, 16)
/** Where the content is. */
export const content = MEMORY + WINDOW
export const mostPacked = MOST_PACKED

const LENGTHS = memory.data(ALL_LITERALS + ALL_DISTANCES + 138)
const RUN_LENGTHS = memory.data(RUN_SYMBOLS)
const RUN_VALUES = memory.data(4 * RUN_SYMBOLS, 4)
const RUN_TABLE = memory.data(4 << MOST_RUN_BITS, 4)

/** What comes next. */
const HEAD = 0
const STORED = 1
const CODED = 2
const OVER = 3
let state = HEAD
let lastBlock: bool = false
/** Bytes that a stored block still has. */
let stored: usize = 0
/** Content there is, and how much of it stands before `content`. */
let made: usize = 0
let before: usize = 0

makeValues()
for (let symbol = 0; symbol < RUN_SYMBOLS; symbol++) store<u32>(RUN_VALUES + ((<usize>symbol) << 2), symbol << VALUE)

/** Begins with other content. */
export function begin(): void {
  state = HEAD
  lastBlock = false
  made = 0
  before = 0
  resumeReading(0, 0, 0)
}

/**
 * Goes on with the packed bytes from `at` on; whether they are the last. Of the content that there was, `taken` bytes are not needed any
 * more: what is behind them comes to `content`, and more behind it until it is longer than `limit`, by 261 bytes at most. Answers `ENDED`,
 * `MORE_PACKED` (go on from `consumed()`), `MORE_ROOM` or `FLAWED`.
 */
export function inflate(at: usize, length: usize, last: bool, taken: usize, limit: usize): i32 {
  startReading(at, at + length, last)
  before = min<usize>(before + taken, WINDOW)
  made -= taken
  memory.copy(content - before, content + taken - before, before + made)
  const result = goOn(content + limit)
  unread()
  return last && (result === MORE_PACKED || isOver()) ? FLAWED : result
}

export function contentLength(): usize {
  return made
}

/** The packed byte that comes next. */
export function consumed(): usize {
  return nextByte()
}

function goOn(limit: usize): i32 {
  while (!isOver()) {
    if (content + made > limit) return MORE_ROOM
    if (state === OVER) return ENDED
    if (state === HEAD) {
      if (!hasBytes(MOST_HEAD)) return MORE_PACKED
      if (!readHead()) return FLAWED
    } else if (state === STORED) {
      const length = copyBytes(content + made, min<usize>(stored, limit + 1 - content - made))
      made += length
      stored -= length
      if (stored === 0) endBlock()
      else if (length === 0) return MORE_PACKED
    } else {
      const result = decode(content - before, content + made, limit)
      made = contentEnd() - content
      if (result === ENDED) endBlock()
      else return result
    }
  }
  return FLAWED
}

function endBlock(): void {
  state = lastBlock ? OVER : HEAD
}

/** The head of a block, and its codes; false when there is no such. */
function readHead(): bool {
  refill()
  lastBlock = takeBits(1) !== 0
  const kind = takeBits(2)
  if (kind === 0) {
    alignReading()
    refill()
    stored = takeBits(16)
    const inverted = takeBits(16)
    alignReading()
    state = STORED
    return inverted === (<u32>stored ^ 0xffff)
  }
  state = CODED
  if (kind === 1) {
    fillFixed(LENGTHS)
    return useCodes(LENGTHS, ALL_LITERALS, ALL_DISTANCES)
  }
  return kind === 2 && readCodes()
}

function readCodes(): bool {
  const literals = takeBits(5) + FIRST_LENGTH
  const distances = takeBits(5) + 1
  const sent = takeBits(4) + 4
  if (literals > 286 || distances > 30) return false
  memory.fill(RUN_LENGTHS, 0, RUN_SYMBOLS)
  for (let i: u32 = 0; i < sent; i++) {
    refill()
    store<u8>(RUN_LENGTHS + load<u8>(ORDER + i), <u8>takeBits(3))
  }
  const bits = makeTable(RUN_LENGTHS, RUN_SYMBOLS, RUN_VALUES, RUN_TABLE, MOST_RUN_BITS)
  if (bits === 0) return false
  const all = literals + distances
  let at: u32 = 0
  while (at < all) {
    refill()
    const entry = load<u32>(RUN_TABLE + ((<usize>peekBits(bits)) << 2))
    if (entry & SPECIAL) return false
    takeBits(entry & 63)
    const symbol = entry >> VALUE
    const run = shortestRun(symbol) + takeBits(extraOfRun(symbol))
    if (symbol === REPEAT && at === 0) return false
    const length = symbol < REPEAT ? symbol : symbol === REPEAT ? load<u8>(LENGTHS + at - 1) : 0
    memory.fill(LENGTHS + at, <u8>length, run)
    at += run
  }
  return at === all && load<u8>(LENGTHS + END_OF_BLOCK) !== 0 && useCodes(LENGTHS, literals, distances)
}
