/** Bits as deflate packs them (RFC 1951, 3.1.1): numbers from their lowest bit on, codes from their highest. */
export class BitWriter {
  readonly #bits: number[] = []

  number(value: number, bits: number): this {
    for (let bit = 0; bit < bits; bit += 1) this.#bits.push((value >> bit) & 1)
    return this
  }

  code(value: number, bits: number): this {
    for (let bit = bits - 1; bit >= 0; bit -= 1) this.#bits.push((value >> bit) & 1)
    return this
  }

  align(): this {
    while (this.#bits.length % 8 > 0) this.#bits.push(0)
    return this
  }

  bytes(): Buffer {
    const bytes = Buffer.alloc(Math.ceil(this.#bits.length / 8))
    for (const [index, bit] of this.#bits.entries()) bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (bit << (index & 7))
    return bytes
  }
}
