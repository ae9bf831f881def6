import { beforeAll, describe, expect, test } from 'vitest'
import { compileAssembly } from '../../.config/assembly.ts'
import { startModule } from '../../src/archive/wasm.ts'
import { randomNumbers } from '../helpers/random.ts'

type Exports = {
  memory: { buffer: ArrayBuffer }
  makeLengths(frequencies: number, symbols: number, limit: number, lengths: number): void
}

/** The second page of memory is free. */
const FREQUENCIES = 65_536
const LENGTHS = FREQUENCIES + 4096
const FIBONACCI = [1, 1]
while (FIBONACCI.length < 24) FIBONACCI.push((FIBONACCI.at(-1) ?? 0) + (FIBONACCI.at(-2) ?? 0))

let engine: Exports
beforeAll(async () => {
  const bytes = await compileAssembly('huffman.ts', ['--initialMemory', '2'])
  engine = startModule(bytes.toString('base64')) as Exports
}, 60_000)

function lengthsOf(frequencies: readonly number[], limit: number): number[] {
  new Uint32Array(engine.memory.buffer, FREQUENCIES).set(frequencies)
  engine.makeLengths(FREQUENCIES, frequencies.length, limit, LENGTHS)
  return [...new Uint8Array(engine.memory.buffer, LENGTHS, frequencies.length)]
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)
const bits = (frequencies: readonly number[], lengths: readonly number[]): number =>
  sum(frequencies.map((frequency, symbol) => frequency * (lengths[symbol] ?? 0)))

/** The fewest bits of any code, as Huffman found them: what every joining of the two lightest weighs. */
function fewestBits(frequencies: readonly number[]): number {
  const weights = frequencies.filter((weight) => weight > 0)
  let all = 0
  while (weights.length > 1) {
    weights.sort((a, b) => b - a)
    const joined = (weights.pop() ?? 0) + (weights.pop() ?? 0)
    weights.push(joined)
    all += joined
  }
  return all
}

/** As inflate wants it: nothing left over (Kraft's sum is 1), a length for all that occur, none above the limit. */
function expectComplete(frequencies: readonly number[], lengths: readonly number[], limit: number): void {
  expect(sum(lengths.filter((length) => length > 0).map((length) => 2 ** -length))).toBe(1)
  expect(Math.max(...lengths)).toBeLessThanOrEqual(limit)
  expect(frequencies.filter((frequency, symbol) => frequency > 0 && lengths[symbol] === 0)).toEqual([])
}

describe('the lengths of a Huffman code', () => {
  test('are as short as any, whatever the frequencies', () => {
    const random = randomNumbers(1)
    for (let round = 0; round < 300; round += 1) {
      const symbols = 2 + Math.floor(random() * 285)
      const steepness = random() * 3
      const frequencies = Array.from({ length: symbols }, () =>
        Math.floor(random() ** steepness * random() * 2 ** (round % 18)),
      )
      frequencies[0] = 1
      frequencies[symbols - 1] = 3
      const lengths = lengthsOf(frequencies, 15)
      expectComplete(frequencies, lengths, 15)
      expect(bits(frequencies, lengths)).toBeGreaterThanOrEqual(fewestBits(frequencies))
      // Only the limit costs anything.
      expect(Math.max(...lengths) === 15 || bits(frequencies, lengths) === fewestBits(frequencies)).toBe(true)
    }
  })

  test.each([7, 15])('are at most %i bits, when the frequencies call for more', (limit) => {
    for (let symbols = limit + 1; symbols <= FIBONACCI.length - (limit === 7 ? 5 : 0); symbols += 1)
      for (const frequencies of [FIBONACCI.slice(0, symbols), FIBONACCI.slice(0, symbols).toReversed()]) {
        const lengths = lengthsOf(frequencies, limit)
        expectComplete(frequencies, lengths, limit)
        expect(Math.max(...lengths)).toBe(limit)
        // What is frequent is no longer than what is rare.
        const ordered = frequencies.map((frequency, symbol) => ({ frequency, length: lengths[symbol] ?? 0 }))
        ordered.sort((a, b) => a.frequency - b.frequency || b.length - a.length)
        expect(ordered.map(({ length }) => length)).toEqual(lengths.toSorted((a, b) => b - a))
      }
  })

  test('are those of a complete code for one symbol, and for none', () => {
    expect(lengthsOf([0, 0, 0], 15)).toEqual([1, 1, 0])
    expect(lengthsOf([9, 0, 0], 15)).toEqual([1, 1, 0])
    expect(lengthsOf([0, 0, 9], 15)).toEqual([1, 0, 1])
  })
})
