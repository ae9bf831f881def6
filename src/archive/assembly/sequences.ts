/** A block's content as literals and matches (RFC 1951, 3.2.3 and 4), and how often each symbol occurs in it. */

import { distanceSymbol, DISTANCES, FIRST_LENGTH, lengthSymbol, LITERALS } from './alphabet.ts'
import { anyLike, bucketOf, entryOf, hashOf, insert, LOOK, matchAt, MINIMUM, pushEntry } from './matches.ts'

const MOST_SEQUENCES = 16384
/**
 * A sequence is the number of its literals (u32) and the match behind them (u32): `length | distance << 9 | distance symbol << 25`.
 * The last one has none, 0.
 */
export const SEQUENCES = memory.data(8 * MOST_SEQUENCES, 8)
/** Statistics of more than this fit the whole of it badly. It is what two stored blocks hold. */
const BLOCK = 2 * 65535

export const LITERAL_COUNTS = memory.data(4 * LITERALS, 4)
export const DISTANCE_COUNTS = memory.data(4 * DISTANCES, 4)

/**
 * Finds the sequences of a block that begins at `start`, and says where it ends. `first` is the first byte a match may refer to, `end`
 * that behind the content, after which 16 bytes must be zero.
 */
export function findSequences(first: usize, start: usize, end: usize): usize {
  memory.fill(LITERAL_COUNTS, 0, LITERALS << 2)
  memory.fill(DISTANCE_COUNTS, 0, DISTANCES << 2)
  // The last bytes are literals: no place that is looked at reaches over the end.
  const limit = end - MINIMUM - 1
  const stop = min<usize>(start + BLOCK, limit)
  const full = SEQUENCES + ((MOST_SEQUENCES - 1) << 3)
  let sequence = SEQUENCES
  let literals = start
  let at = start
  while (at < stop && sequence < full) {
    const hash = hashOf(at)
    const bucket = bucketOf(hash)
    const entry = entryOf(hash, at)
    if (!anyLike(bucket, entry)) {
      pushEntry(bucket, entry)
      count(LITERAL_COUNTS, load<u8>(at++))
      continue
    }
    let match = matchAt(at, bucket, first, end)
    pushEntry(bucket, entry)
    if (match < MINIMUM << 16) {
      count(LITERAL_COUNTS, load<u8>(at++))
      continue
    }
    if (match < LOOK << 16) {
      const nextHash = hashOf(at + 1)
      const nextBucket = bucketOf(nextHash)
      const nextEntry = entryOf(nextHash, at + 1)
      if (anyLike(nextBucket, nextEntry)) {
        const next = matchAt(at + 1, nextBucket, first, end)
        if (next >> 16 > match >> 16) {
          pushEntry(nextBucket, nextEntry)
          count(LITERAL_COUNTS, load<u8>(at++))
          match = next
        }
      }
    }
    const length = min<u32>(match >> 16, <u32>(end - at))
    const distance = 0xffff - (match & 0xffff)
    const symbol = distanceSymbol(distance)
    store<u64>(sequence, <u64>(at - literals) | ((<u64>(length | (distance << 9) | (symbol << 25))) << 32))
    sequence += 8
    count(LITERAL_COUNTS, FIRST_LENGTH + lengthSymbol(length))
    count(DISTANCE_COUNTS, symbol)
    // Of a match, its beginning and its end lead to most of the later ones.
    insert(at + 1)
    insert(at + 2)
    insert(at + 3)
    at += length
    insert(at - 1)
    literals = at
  }
  if (at >= limit && sequence < full) while (at < end) count(LITERAL_COUNTS, load<u8>(at++))
  store<u64>(sequence, <u64>(at - literals))
  return at
}

export function count(counts: usize, symbol: u32): void {
  const place = counts + ((<usize>symbol) << 2)
  store<u32>(place, load<u32>(place) + 1)
}
