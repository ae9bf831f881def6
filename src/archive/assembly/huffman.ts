/** Huffman codes of limited length (RFC 1951, 3.2.2). Frequencies are u32, lengths u8, codes u32: reversed bits << 8 | length. */

const MOST_SYMBOLS = 288
/** The symbols with a frequency, `frequency << SYMBOL_BITS | symbol`, sorted; and room to sort and to build the tree in. */
const SORTED = memory.data(4 * MOST_SYMBOLS, 4)
const OTHER = memory.data(4 * MOST_SYMBOLS, 4)
const COUNTS = memory.data(4 * 256, 4)
const SYMBOL_BITS: u32 = 9
const SYMBOL: u32 = (1 << SYMBOL_BITS) - 1

function at(table: usize, index: u32): u32 {
  return load<u32>(table + ((<usize>index) << 2))
}

function set(table: usize, index: u32, value: u32): void {
  store<u32>(table + ((<usize>index) << 2), value)
}

/** The lengths of a code that is as good as the limit lets it be. It is always complete: one symbol alone gets a second beside it. */
export function makeLengths(frequencies: usize, symbols: i32, limit: i32, lengths: usize): void {
  memory.fill(lengths, 0, symbols)
  let used = 0
  let all: u32 = 0
  for (let symbol = 0; symbol < symbols; symbol++) {
    const frequency = at(frequencies, symbol)
    all |= frequency
    if (frequency !== 0) set(SORTED, used++, (frequency << SYMBOL_BITS) | symbol)
  }
  if (used < 2) {
    const only = used === 0 ? 0 : at(SORTED, 0) & SYMBOL
    store<u8>(lengths + only, 1)
    store<u8>(lengths + (only === 0 ? 1 : 0), 1)
    return
  }
  const sorted = sort(used, all)
  const tree = sorted === SORTED ? OTHER : SORTED
  for (let i = 0; i < used; i++) set(tree, i, at(sorted, i) >> SYMBOL_BITS)
  makeDepths(tree, used)
  memory.fill(COUNTS, 0, 16 << 2)
  for (let i = 0; i < used; i++) {
    const length = min<i32>(at(tree, i), limit)
    set(COUNTS, length, at(COUNTS, length) + 1)
  }
  keepKraft(limit)
  // The rarest get the longest.
  let i = 0
  for (let length = limit; length > 0; length--)
    for (let n = at(COUNTS, length); n > 0; n--) store<u8>(lengths + (at(sorted, i++) & SYMBOL), <u8>length)
}

/** Sorts by frequency, a byte of it at a time, and says where the result stands. `all`: every bit that any frequency has. */
function sort(used: i32, all: u32): usize {
  let from = SORTED
  let to = OTHER
  for (let shift: u32 = 0; all >> shift !== 0; shift += 8) {
    memory.fill(COUNTS, 0, 256 << 2)
    for (let i = 0; i < used; i++) {
      const digit = (at(from, i) >> (shift + SYMBOL_BITS)) & 255
      set(COUNTS, digit, at(COUNTS, digit) + 1)
    }
    let sum: u32 = 0
    for (let digit = 0; digit < 256; digit++) {
      const count = at(COUNTS, digit)
      set(COUNTS, digit, sum)
      sum += count
    }
    for (let i = 0; i < used; i++) {
      const item = at(from, i)
      const digit = (item >> (shift + SYMBOL_BITS)) & 255
      const place = at(COUNTS, digit)
      set(COUNTS, digit, place + 1)
      set(to, place, item)
    }
    const swap = from
    from = to
    to = swap
  }
  return from
}

/** Turns ascending frequencies into the depths of their leaves, in their own place (Moffat and Katajainen, 1995). */
function makeDepths(tree: usize, used: i32): void {
  // Joins the two lightest, again and again; a node that was joined holds its parent's place.
  let leaf = 0
  let root = 0
  for (let next = 0; next < used - 1; next++) {
    let weight: u32 = 0
    for (let side = 0; side < 2; side++) {
      if (leaf >= used || (root < next && at(tree, root) < at(tree, leaf))) {
        weight += at(tree, root)
        set(tree, root++, next)
      } else weight += at(tree, leaf++)
    }
    set(tree, next, weight)
  }
  // From the parents to the depths of the inner nodes.
  set(tree, used - 2, 0)
  for (let next = used - 3; next >= 0; next--) set(tree, next, at(tree, at(tree, next)) + 1)
  // And from those to the leaves: each level has what the inner nodes above leave free.
  let inner = used - 2
  let place = used - 1
  let free = 1
  for (let depth = 0; free > 0; depth++) {
    let parents = 0
    while (inner >= 0 && at(tree, inner) === depth) {
      parents++
      inner--
    }
    for (; free > parents; free--) set(tree, place--, depth)
    free = parents << 1
  }
}

/** What was cut to the limit took too much room (Kraft's sum is above 1): others are made longer until it fits. */
function keepKraft(limit: i32): void {
  let sum: u32 = 0
  for (let length = 1; length <= limit; length++) sum += at(COUNTS, length) << (limit - length)
  for (; sum > (<u32>1) << limit; sum--) {
    let length = limit - 1
    while (at(COUNTS, length) === 0) length--
    // One leaf goes a level down and takes one from the lowest level beside it.
    set(COUNTS, length, at(COUNTS, length) - 1)
    set(COUNTS, length + 1, at(COUNTS, length + 1) + 2)
    set(COUNTS, limit, at(COUNTS, limit) - 1)
  }
}

/** The code that lengths stand for: shorter ones first, equal ones in the order of their symbols. */
export function makeCodes(lengths: usize, symbols: i32, codes: usize): void {
  memory.fill(COUNTS, 0, 16 << 2)
  for (let symbol = 0; symbol < symbols; symbol++) {
    const length = load<u8>(lengths + symbol)
    set(COUNTS, length, at(COUNTS, length) + 1)
  }
  let code: u32 = 0
  let shorter: u32 = 0
  for (let length = 1; length < 16; length++) {
    code = (code + shorter) << 1
    shorter = at(COUNTS, length)
    set(COUNTS, length, code)
  }
  for (let symbol = 0; symbol < symbols; symbol++) {
    const length: u32 = load<u8>(lengths + symbol)
    if (length === 0) {
      set(codes, symbol, 0)
      continue
    }
    const value = at(COUNTS, length)
    set(COUNTS, length, value + 1)
    set(codes, symbol, (reversed(value, length) << 8) | length)
  }
}

/** Codes are written from their highest bit on, everything else from its lowest. */
function reversed(code: u32, length: u32): u32 {
  let bits = code << (16 - length)
  bits = ((bits & 0x5555) << 1) | ((bits >> 1) & 0x5555)
  bits = ((bits & 0x3333) << 2) | ((bits >> 2) & 0x3333)
  bits = ((bits & 0x0f0f) << 4) | ((bits >> 4) & 0x0f0f)
  return ((bits & 0x00ff) << 8) | (bits >> 8)
}
