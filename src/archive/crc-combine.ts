/** The polynomial of RFC 1952, section 8, its bits reversed. */
const POLYNOMIAL = 0xedb88320

/** x^(2^n) modulo the polynomial, for n = 0…31. */
const POWERS = powers()

/** The CRC-32 of two pieces one after the other, from the CRC of each and the length of the second in bytes (as zlib's `crc32_combine`). */
export function combineCrc(first: number, second: number, length: number): number {
  let shift = 0x80000000
  for (let rest = length, power = 3; rest > 0; rest = Math.floor(rest / 2), power += 1)
    if (rest % 2 === 1) shift = multiply(POWERS[power & 31] ?? 0, shift)
  return (multiply(shift, first) ^ second) >>> 0
}

function powers(): number[] {
  const found = [0x40000000]
  for (let n = 1; n < 32; n += 1) found.push(multiply(found[n - 1] ?? 0, found[n - 1] ?? 0))
  return found
}

/** Product of two polynomials modulo the polynomial; the highest bit is x^0. */
function multiply(a: number, b: number): number {
  let product = 0
  let factor = b
  for (let bit = 0x80000000; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) product ^= factor
    factor = (factor & 1) === 1 ? (factor >>> 1) ^ POLYNOMIAL : factor >>> 1
  }
  return product >>> 0
}
