/** The packed bytes (RFC 1951, 3.1.1): bits fill a byte from its lowest one. */

/** Bits that are not written yet, how many they are, and where they go. Between calls they are fewer than 8. */
let held: u64 = 0
let count: u64 = 0
let next: usize = 0

export function startBits(at: usize): void {
  resumeBits(0, 0, at)
}

/** For a loop that keeps them in registers. */
export function resumeBits(bits: u64, bitCount: u64, at: usize): void {
  held = bits
  count = bitCount
  next = at
}

export function heldBits(): u64 {
  return held
}

export function heldCount(): u64 {
  return count
}

/** Where the next byte goes. Up to 8 bytes there may be overwritten. */
export function nextByte(): usize {
  return next
}

/** Writes up to 48 bits. */
export function putBits(value: u64, bitCount: u64): void {
  held |= value << count
  count += bitCount
  store<u64>(next, held)
  next += <usize>(count >> 3)
  held >>= count & 56
  count &= 7
}

/** Zeros up to a whole byte. */
export function alignBits(): void {
  putBits(0, (8 - count) & 7)
}

/** Copies whole bytes; the bits before must be aligned. */
export function putBytes(from: usize, length: usize): void {
  memory.copy(next, from, length)
  next += length
}
