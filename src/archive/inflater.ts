/** Inflates (RFC 1951), one thing after the other. What it answers is good until the next call. Throws an Error that says what is wrong with it. */
export type Inflater = {
  /** Where packed bytes are read to. */
  room: Buffer
  /** Content of up to 4 MB, packed in up to 4 MB; they are inflated where they stand, when that is in `room`. */
  whole(packed: Buffer, size: number): Buffer
  /** Content of any length; `read` fills memory with the packed bytes that come next and says how many they were, 0 at the end. */
  pieces(read: (room: Buffer) => number): AsyncIterable<Buffer>
}

/** What may be wrong, to follow a member's name. */
export const TOO_LONG = 'inflates to too many bytes'
export const DAMAGED = 'is damaged'
