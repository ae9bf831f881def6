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

/** Words, lines, runs, noise and what was there before, in no order. */
export function mixture(bytes: number, seed: number): Buffer {
  const random = randomNumbers(seed)
  const below = (most: number): number => Math.floor(random() * most)
  const alphabet = 1 + below(256)
  const data = Buffer.alloc(bytes)
  for (let at = 0; at < bytes;) {
    const length = Math.min(bytes - at, 1 + below(random() < 0.1 ? 600 : 20))
    const kind = random()
    if (kind < 0.5 && at > 0) {
      const from = at - 1 - below(Math.min(at, random() < 0.2 ? 40_000 : 2000))
      for (let i = 0; i < length; i += 1) data[at + i] = data[from + i] ?? 0
    } else if (kind < 0.6) data.fill(below(alphabet), at, at + length)
    else for (let i = 0; i < length; i += 1) data[at + i] = below(alphabet)
    at += length
  }
  return data
}
