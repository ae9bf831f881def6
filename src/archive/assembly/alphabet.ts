/** The symbols of RFC 1951, 3.2.5: what stands for a length or a distance, and how many extra bits follow it. */

export const SHORTEST: u32 = 3
export const LONGEST: u32 = 258
/** The literals, the end of a block, and the lengths. */
export const LITERALS: i32 = 286
export const DISTANCES: i32 = 30
export const END_OF_BLOCK: i32 = 256
export const FIRST_LENGTH: i32 = 257

const LENGTHS: i32 = 29
/** By length: its symbol, counted from `FIRST_LENGTH`. */
const LENGTH_SYMBOL = memory.data(259)
/** By symbol: the lowest length (u16) and the extra bits (u8). */
const LENGTH_BASE = memory.data(2 * LENGTHS, 2)
const LENGTH_EXTRA = memory.data(LENGTHS)
/** By distance - 1 below 256, and by a 128th of it above. */
const NEAR_SYMBOL = memory.data(256)
const FAR_SYMBOL = memory.data(256)
const DISTANCE_BASE = memory.data(2 * DISTANCES, 2)
const DISTANCE_EXTRA = memory.data(DISTANCES)

/** Fills the tables. Needed once. */
export function makeAlphabet(): void {
  let length: u32 = SHORTEST
  for (let symbol = 0; symbol < LENGTHS; symbol++) {
    const extra = symbol < 8 || symbol === LENGTHS - 1 ? 0 : (symbol >> 2) - 1
    // The longest has a symbol of its own, though the one before could say it.
    if (symbol === LENGTHS - 1) length = LONGEST
    store<u16>(LENGTH_BASE + (symbol << 1), <u16>length)
    store<u8>(LENGTH_EXTRA + symbol, <u8>extra)
    for (let i = 0; i < 1 << extra && length <= LONGEST; i++) store<u8>(LENGTH_SYMBOL + length++, <u8>symbol)
  }
  let distance: u32 = 1
  for (let symbol = 0; symbol < DISTANCES; symbol++) {
    const extra = symbol < 2 ? 0 : (symbol >> 1) - 1
    store<u16>(DISTANCE_BASE + (symbol << 1), <u16>distance)
    store<u8>(DISTANCE_EXTRA + symbol, <u8>extra)
    for (let i = 0; i < 1 << extra; i++, distance++) {
      if (distance <= 256) store<u8>(NEAR_SYMBOL + distance - 1, <u8>symbol)
      else store<u8>(FAR_SYMBOL + ((distance - 1) >> 7), <u8>symbol)
    }
  }
}

/** Counted from `FIRST_LENGTH`. */
export function lengthSymbol(length: u32): u32 {
  return load<u8>(LENGTH_SYMBOL + length)
}

export function lengthBase(symbol: u32): u32 {
  return load<u16>(LENGTH_BASE + (symbol << 1))
}

export function lengthExtra(symbol: u32): u32 {
  return load<u8>(LENGTH_EXTRA + symbol)
}

export function distanceSymbol(distance: u32): u32 {
  return distance <= 256 ? load<u8>(NEAR_SYMBOL + distance - 1) : load<u8>(FAR_SYMBOL + ((distance - 1) >> 7))
}

export function distanceBase(symbol: u32): u32 {
  return load<u16>(DISTANCE_BASE + (symbol << 1))
}

export function distanceExtra(symbol: u32): u32 {
  return load<u8>(DISTANCE_EXTRA + symbol)
}
