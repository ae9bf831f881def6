import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { fastInflater } from '../../src/archive/fast-inflate.ts'
import type { Inflater } from '../../src/archive/inflater.ts'
import { zlibInflater } from '../../src/archive/zlib-inflate.ts'
import { BitWriter } from '../helpers/bit-writer.ts'
import { mixture, noise, randomNumbers } from '../helpers/random.ts'

const own = fastInflater()
if (own === null) throw new Error('there is no engine here')
const inflaters = [
  { name: 'our own', inflater: own },
  { name: 'that of zlib', inflater: zlibInflater() },
]
const TOO_LONG = 'inflates to too many bytes'
const DAMAGED = 'is damaged'

/** What `read` of `pieces` answers when the packed bytes come so many at a time. */
function handing(packed: Buffer, bytes: number): (room: Buffer) => number {
  let at = 0
  return (room) => {
    const part = packed.subarray(at, at + Math.min(bytes, room.length))
    room.set(part)
    at += part.length
    return part.length
  }
}

async function inPieces(inflater: Inflater, packed: Buffer, bytes = 5_000): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of inflater.pieces(handing(packed, bytes))) pieces.push(Buffer.from(piece))
  return Buffer.concat(pieces)
}

async function expectBack(inflater: Inflater, packed: Buffer, content: Buffer, bytes?: number): Promise<void> {
  const short = content.length <= 4 << 20
  expect(short && inflater.whole(packed, content.length).equals(content)).toBe(short)
  expect((await inPieces(inflater, packed, bytes)).equals(content)).toBe(true)
}

describe.each(inflaters)('$name', ({ inflater }) => {
  test('gives back what was packed in any way, as a whole and in pieces', async () => {
    const random = randomNumbers(1)
    for (let round = 0; round < 200; round += 1) {
      const content = mixture(Math.floor(random() ** 3 * 300_000), round)
      const [level, memLevel] = [Math.floor(random() * 10), 1 + Math.floor(random() * 9)]
      const packed = deflateRawSync(content, { level, memLevel, strategy: Math.floor(random() * 5) })
      await expectBack(inflater, packed, content, 1 + Math.floor((0.01 + random() ** 3) * packed.length))
    }
  })

  test('copies matches of every distance and length', async () => {
    const random = randomNumbers(2)
    const parts = Array.from({ length: 1_000 }, (_, index) => {
      const period = noise(1 + (index % 50), index)
      return Buffer.alloc(3 + Math.floor(random() * 300), period)
    })
    const content = Buffer.concat([...parts, noise(40_000), ...parts])
    await expectBack(inflater, deflateRawSync(content, { level: 9 }), content)
  })

  test('reads codes of every length', async () => {
    const counts = Array.from({ length: 22 }, (_, index) => Math.ceil(1.62 ** index))
    const bytes = counts.flatMap((count, symbol) => Array.from<number>({ length: count }).fill(symbol * 11))
    const random = randomNumbers(3)
    const content = Buffer.from(bytes.toSorted(() => random() - 0.5))
    await expectBack(inflater, deflateRawSync(content, { strategy: constants.Z_HUFFMAN_ONLY }), content)
    // Distances, too: near ones far more often than others.
    const far = noise(33_000)
    const near = Array.from({ length: 6_000 }, () => {
      const from = far.length - Math.floor(2 ** (1 + random() ** 6 * 14)) - 4
      return far.subarray(from, from + 4)
    })
    const whole = Buffer.concat([far, ...near])
    await expectBack(inflater, deflateRawSync(whole, { level: 9, memLevel: 9 }), whole)
  })

  test('goes on over the ends of blocks and pieces of memory', async () => {
    const content = mixture(3_500_000, 4)
    const far = Buffer.concat([noise(32_768), noise(32_768), noise(32_768)])
    const packed = deflateRawSync(content, { level: 6 })
    await expectBack(inflater, packed, content, 65_536)
    await expectBack(inflater, deflateRawSync(far, { level: 9 }), far, 601)
    await expectBack(inflater, deflateRawSync(content.subarray(0, 5_000)), content.subarray(0, 5_000), 1)
    const zeros = Buffer.alloc(20_000_000)
    await expectBack(inflater, deflateRawSync(zeros, { level: 9 }), zeros)
    const stored = noise(2_000_000)
    await expectBack(inflater, deflateRawSync(stored, { level: 0 }), stored, 70_000)
    const joined = Buffer.concat([
      deflateRawSync(content, { level: 1, finishFlush: constants.Z_SYNC_FLUSH }),
      deflateRawSync(Buffer.alloc(0), { level: 0 }),
    ])
    await expectBack(inflater, joined, content)
  })

  test('says when content is longer than it should be, and leaves it to others when it is shorter', () => {
    const content = mixture(50_000, 5)
    for (const level of [0, 1, 9]) {
      const packed = deflateRawSync(content, { level })
      for (const size of [0, 1, 49_739, 49_999]) expect(() => inflater.whole(packed, size)).toThrow(TOO_LONG)
      expect(inflater.whole(packed, 50_001).length).toBe(50_000)
    }
  })

  test('finds every end that is missing, whatever stands behind it in memory', async () => {
    for (const packed of [
      deflateRawSync(mixture(600, 6)),
      deflateRawSync(noise(300)),
      deflateRawSync(Buffer.alloc(5_000)),
    ]) {
      for (let length = 0; length < packed.length; length += 1) {
        inflater.room.set(packed)
        expect(() => inflater.whole(inflater.room.subarray(0, length), 10_000)).toThrow(DAMAGED)
        await expect(inPieces(inflater, packed.subarray(0, length), 100)).rejects.toThrow(DAMAGED)
      }
      expect(inflater.whole(packed, 10_000).length).toBeGreaterThan(0)
    }
  })

  test('agrees with zlib on what was altered: the same bytes, or an error', async () => {
    const random = randomNumbers(7)
    let refused = 0
    for (let round = 0; round < 1_500; round += 1) {
      const content = mixture(1 + Math.floor(random() ** 3 * 20_000), round)
      const packed = deflateRawSync(content, { level: Math.floor(random() * 10), strategy: Math.floor(random() * 5) })
      // The codes stand at the beginning.
      const most = random() < 0.5 ? packed.length : Math.min(packed.length, 80)
      for (let count = 1 + Math.floor(random() * 3); count > 0; count -= 1)
        packed[Math.floor(random() * most)] = Math.floor(random() * 256)
      const expected = attempt(() => inflateRawSync(packed, { maxOutputLength: content.length }))
      const found = attempt(() => inflater.whole(packed, content.length))
      expect(found === null ? expected === null : expected?.equals(found)).toBe(true)
      const slowly = await inPieces(inflater, packed, 1_000).catch(() => null)
      expect(expected === null ? slowly === null || slowly.length > content.length : slowly?.equals(expected)).toBe(
        true,
      )
      refused += expected === null ? 1 : 0
    }
    expect(refused).toBeGreaterThan(500)
    expect(refused).toBeLessThan(1_400)
  })

  test.each(rules())('refuses %s', async (_, packed) => {
    // Were it allowed, this would test nothing.
    expect(() => inflateRawSync(packed)).toThrow()
    expect(() => inflater.whole(packed, 1_000)).toThrow(DAMAGED)
    await expect(inPieces(inflater, packed)).rejects.toThrow(DAMAGED)
    expect(inflater.whole(deflateRawSync(Buffer.from('fine')), 4).toString()).toBe('fine')
  })

  test('allows a code of a single distance, of none, and blocks without content', async () => {
    const once = dynamic([...zeros(97), 1, ...zeros(158), 2, 2], [1])
      .code(0, 1)
      .code(3, 2)
      .code(0, 1)
      .code(2, 2)
    await expectBack(inflater, once.bytes(), Buffer.from('aaaa'))
    const none = dynamic([...zeros(97), 1, ...zeros(158), 1], [0])
      .code(0, 1)
      .code(1, 1)
    await expectBack(inflater, none.bytes(), Buffer.from('a'))
    const empty = new BitWriter().number(0, 3).align().number(0, 16).number(0xffff, 16).number(0b010, 3).code(0, 7)
    await expectBack(inflater, empty.number(0b011, 3).code(0, 7).bytes(), Buffer.alloc(0))
  })

  test('passes on what goes wrong with the reading', async () => {
    const failing = (): number => {
      throw Object.assign(new Error('no such disk'), { code: 'EIO' })
    }
    await expect(inflater.pieces(failing)[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'EIO' })
  })
})

test.runIf(process.arch === 'x64')('a processor without vectors inflates with zlib', () => {
  const module = join(import.meta.dirname, '../../src/archive/inflate-raw.ts')
  const packed = deflateRawSync('again and again').toString('hex')
  const script = `
    import { withInflater } from ${JSON.stringify(module)}
    import { fastInflater } from ${JSON.stringify(module.replace('inflate-raw', 'fast-inflate'))}
    await withInflater((one) => console.log(fastInflater(), one.whole(Buffer.from('${packed}', 'hex'), 15).toString()))`
  const options = ['--no-enable-sse4-1', '--no-warnings', '--input-type=module', '-e', script]
  expect(execFileSync(process.execPath, options, { encoding: 'utf8' })).toBe('null again and again\n')
})

function attempt(work: () => Buffer): Buffer | null {
  try {
    return work()
  } catch {
    return null
  }
}

function zeros(length: number): number[] {
  return Array.from<number>({ length }).fill(0)
}

/** A last block whose codes have these lengths; each length is sent as four bits (a run code of 16 symbols). */
function dynamic(literals: readonly number[], distances: readonly number[]): BitWriter {
  const block = new BitWriter().number(0b101, 3)
  block
    .number(literals.length - 257, 5)
    .number(distances.length - 1, 5)
    .number(15, 4)
  // Lengths 0 to 15 get four bits each, in their order; runs none.
  for (const symbol of [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15])
    block.number(symbol < 16 ? 4 : 0, 3)
  for (const length of [...literals, ...distances]) block.code(length, 4)
  return block
}

/** A last block of the fixed code. */
function fixed(): BitWriter {
  return new BitWriter().number(0b011, 3)
}

/** The head of a last block whose run code has these lengths, by symbol. */
function runs(lengths: Record<number, number>): BitWriter {
  const block = new BitWriter().number(0b101, 3).number(0, 5).number(0, 5).number(15, 4)
  for (const symbol of [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15])
    block.number(lengths[symbol] ?? 0, 3)
  return block
}

/** What RFC 1951 forbids. Behind it are zeros enough to go on, were it allowed. */
function rules(): [string, Buffer][] {
  const full = [...zeros(256), 1]
  const made: [string, BitWriter][] = [
    ['a kind of block that there is none of', new BitWriter().number(0b111, 3)],
    ['a stored length that is not repeated inverted', new BitWriter().number(1, 3).align().number(1, 16).number(1, 16)],
    ['287 literals', dynamic([...full, ...zeros(30)], [0])],
    ['31 distances', dynamic(full, zeros(31))],
    ['a run code of too many symbols', runs({ 0: 1, 1: 1, 2: 1 })],
    ['a run code that leaves something over', runs({ 0: 2, 1: 2, 2: 2 })],
    ['a run code without symbols', runs({})],
    ['a repeat of what was not there', runs({ 0: 1, 16: 1 }).code(1, 1)],
    ['a run over the end of the lengths', runs({ 18: 1, 1: 1 }).code(1, 1).number(127, 7).code(1, 1).number(127, 7)],
    ['literals of too many symbols', dynamic([1, 1, ...zeros(254), 1], [0])],
    ['literals that leave something over', dynamic([2, 2, ...zeros(254), 2], [0])],
    ['literals without an end of the block', dynamic([1, 1, ...zeros(255)], [0]).code(0, 1)],
    ['distances of too many symbols', dynamic(full, [1, 1, 1]).code(0, 1)],
    ['distances that leave something over', dynamic(full, [2, 2, 2]).code(0, 1)],
    ['a single distance of two bits', dynamic(full, [2]).code(0, 1)],
    ['length symbol 286', fixed().code(0x30, 8).code(0xc6, 8)],
    ['length symbol 287', fixed().code(0x30, 8).code(0xc7, 8)],
    ['distance symbol 30', fixed().code(0x30, 8).code(1, 7).code(30, 5)],
    ['distance symbol 31', fixed().code(0x30, 8).code(1, 7).code(31, 5)],
    [
      'the distance that a code of one does not have',
      dynamic([1, ...zeros(255), 2, 2], [1])
        .code(0, 1)
        .code(3, 2)
        .code(1, 1),
    ],
    [
      'a distance where there is none',
      dynamic([1, ...zeros(255), 2, 2], [0])
        .code(0, 1)
        .code(3, 2)
        .code(0, 1),
    ],
    ['the symbol that a code of one does not have', dynamic(full, [0]).code(1, 1)],
    ['a match of nothing', fixed().code(1, 7).code(0, 5)],
    ['a match of what was before the beginning', fixed().code(0x30, 8).code(1, 7).code(1, 5)],
  ]
  return made.map(([name, bits]) => [name, Buffer.concat([bits.bytes(), Buffer.alloc(100)])])
}
