/**
 * Deflate (RFC 1951) for archives that are packed often: faster than zlib's low levels, and no larger. Compiled by `npm run assembly`.
 * All memory is fixed; what was packed before makes no difference.
 */

import { makeAlphabet } from './alphabet.ts'
import { alignBits, nextByte, startBits } from './bits.ts'
import { makeFixed, putBlock, putEmpty } from './block.ts'
import { clearMatches, insert, WINDOW } from './matches.ts'
import { findSequences } from './sequences.ts'

/** At most so much content is packed at a time. */
const MOST = 1 << 20
/** A position is known by 16 bits: it is looked up there before it is seen that it is too far away. */
const BEFORE = 65536
/** The longest match and one comparison may be read behind the content. */
const BEHIND = 288
/** Each block of 64 KB or more takes at most 6 bytes more than it has; and 8 bytes are written at once. */
const SPARE = 4096

const MEMORY = memory.data(BEFORE + MOST + BEHIND, 16)
/** Where the content goes. Up to 32 KB that come before it go right before it. */
export const input = MEMORY + BEFORE
/** Where the packed bytes are. */
export const output = memory.data(MOST + SPARE, 16)

makeAlphabet()
makeFixed()

/**
 * Packs `length` bytes that may refer to `dictionary` bytes before them, and answers the packed length. What is not `last` ends with an
 * empty stored block, so that more can follow.
 */
export function deflate(dictionary: i32, length: i32, last: bool): i32 {
  const first = input - <usize>dictionary
  const end = input + <usize>length
  memory.fill(end, 0, 16)
  startBits(output)
  clearMatches()
  for (let at = first; at < input; at++) insert(at)
  let at: usize = input
  do {
    const start = at
    at = findSequences(first, start, end)
    putBlock(start, at, last && at === end)
  } while (at < end)
  if (last) alignBits()
  else putEmpty()
  return <i32>(nextByte() - output)
}

/** The most that a call takes. */
export const mostContent = MOST
export const mostDictionary = <i32>WINDOW
