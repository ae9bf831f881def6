/** How a block says the lengths of its codes (RFC 1951, 3.2.6 and 3.2.7). */

/** Symbols that have a code, some of which must not occur; the distances' lengths stand behind the literals'. */
export const ALL_LITERALS: i32 = 288
export const ALL_DISTANCES: i32 = 32
export const MOST_BITS: u32 = 15

/** Lengths are sent as runs, with a code for those, whose own lengths come in an order of their own. */
export const ORDER = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15])
export const RUN_SYMBOLS = 19
export const MOST_RUN_BITS = 7
/** Of the length before, of zeros, and of more zeros. */
export const REPEAT: u32 = 16
export const ZEROS: u32 = 17
export const MANY_ZEROS: u32 = 18

/** The bits that follow a symbol and make its run longer. */
export function extraOfRun(symbol: u32): u32 {
  return symbol === REPEAT ? 2 : symbol === ZEROS ? 3 : symbol === MANY_ZEROS ? 7 : 0
}

export function shortestRun(symbol: u32): u32 {
  return symbol < REPEAT ? 1 : symbol === MANY_ZEROS ? 11 : 3
}

/** The lengths of the codes everybody knows. */
export function fillFixed(lengths: usize): void {
  memory.fill(lengths, 8, 144)
  memory.fill(lengths + 144, 9, 112)
  memory.fill(lengths + 256, 7, 24)
  memory.fill(lengths + 280, 8, 8)
  memory.fill(lengths + <usize>ALL_LITERALS, 5, ALL_DISTANCES)
}
