/** Content that does not compress, the same for the same seed. */
export function noise(bytes: number, seed = 1): Buffer {
  const random = randomNumbers(seed)
  const data = Buffer.allocUnsafe(bytes)
  let at = 0
  for (; at + 4 <= bytes; at += 4) data.writeUInt32LE(Math.floor(random() * 2 ** 32), at)
  for (; at < bytes; at += 1) data[at] = random() * 256
  return data
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
