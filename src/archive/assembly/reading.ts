/** Where inflating stands in the packed bytes (RFC 1951, 3.1.1). */

/** Bits that were read and not consumed, how many they are, and the byte behind them. Above those bits stand some that will be read again. */
let held: u64 = 0
let count: u64 = 0
let next: usize = 0
/** Behind the last byte there is, and whether no more will come. */
let end: usize = 0
let last: bool = false

export function startReading(at: usize, behind: usize, isLast: bool): void {
  next = at
  end = behind
  last = isLast
}

export function resumeReading(bits: u64, bitCount: u64, at: usize): void {
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

export function nextByte(): usize {
  return next
}

/** Whether there are so many bytes to read, or no more are to come: then what is behind the end is read as it is, and found by `isOver`. */
export function hasBytes(least: usize): bool {
  return last || next + least <= end
}

/** The last place whose 8 bytes may be read, and 16 behind it. */
export function lastRead(): usize {
  return last ? end + 8 : end - 24
}

/** Whether more was consumed than there is. */
export function isOver(): bool {
  return next - <usize>(count >> 3) > end
}

/** At least 56 bits. */
export function refill(): void {
  held |= load<u64>(next) << count
  next += <usize>((63 - count) >> 3)
  count |= 56
}

/** Consumes some of those that are there. */
export function takeBits(bitCount: u64): u32 {
  const bits = peekBits(bitCount)
  held >>= bitCount
  count -= bitCount
  return bits
}

export function peekBits(bitCount: u64): u32 {
  return <u32>(held & ((1 << bitCount) - 1))
}

/** Gives back what was read and not consumed, but for the rest of a byte. */
export function unread(): void {
  next -= <usize>(count >> 3)
  count &= 7
  held &= (1 << count) - 1
}

/** Goes on at a whole byte. */
export function alignReading(): void {
  unread()
  held = 0
  count = 0
}

/** Copies whole bytes, `most` of them or as many as there are; reading must be aligned. */
export function copyBytes(to: usize, most: usize): usize {
  const length = next < end ? min<usize>(most, end - next) : 0
  memory.copy(to, next, length)
  next += length
  return length
}
