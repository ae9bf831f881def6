import { deflateRaw, LEVEL } from './deflate-raw.ts'

const PACKED =
  /\.(?:7z|avif|br|bz2|gif|gz|heic|jpe?g|lz4|mov|mp[34]|m4[av]|ogg|opus|png|rar|tgz|webm|webp|woff2?|xz|zip|zst)$/i
/** Shorter content is not worth the look. */
const WORTH = 16_384
const STEP = 16
const SAMPLE = 32_768
/** Bits a byte: text has 4 to 5, programs 6 to 7.5; only what is packed or encrypted comes near 8. */
const FULL = 7.9

/** By its name: compressed already. */
export function isDenseName(path: string): boolean {
  return PACKED.test(path)
}

/** Whether content is packed already, by a look at a part of it: deflating it again costs time and gains nothing. */
export function isDense(data: Uint8Array): boolean {
  if (data.length < WORTH || entropy(data) < FULL) return false
  // Bytes evenly spread may still repeat; a try of the middle tells.
  const at = Math.max(0, (data.length - SAMPLE) >> 1)
  const sample = data.subarray(at, at + SAMPLE)
  return deflateRaw(sample, { dictionary: null, level: LEVEL, last: true }).length > sample.length * 0.98
}

/** Bits a byte, of every sixteenth byte. */
function entropy(data: Uint8Array): number {
  const counts = new Uint32Array(256)
  let seen = 0
  for (let at = 0; at < data.length; at += STEP, seen += 1) {
    const byte = data[at] ?? 0
    counts[byte] = (counts[byte] ?? 0) + 1
  }
  let bits = Math.log2(seen)
  for (const count of counts) if (count > 0) bits -= (count / seen) * Math.log2(count)
  return bits
}
