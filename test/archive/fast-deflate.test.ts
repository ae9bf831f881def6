import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { fastDeflate } from '../../src/archive/fast-deflate.ts'
import { mixture, noise, randomNumbers } from '../helpers/random.ts'

const MOST = 1 << 20
const WINDOW = 32_768

function pack(data: Uint8Array, dictionary: Uint8Array | null = null, last = true): Buffer {
  const engine = fastDeflate()
  if (engine === null) throw new Error('there is no engine here')
  return Buffer.from(engine(data, dictionary, last))
}

function unpack(packed: Uint8Array, dictionary: Uint8Array | null = null, last = true): Buffer {
  return inflateRawSync(packed, {
    finishFlush: last ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
    ...(dictionary !== null && dictionary.length > 0 ? { dictionary } : {}),
  })
}

/** Packed, it comes back; and never takes more than it would stored: a block ends after 65532 bytes at the earliest. */
function expectBack(data: Uint8Array, dictionary: Uint8Array | null = null, last = true): Buffer {
  const packed = pack(data, dictionary, last)
  expect(unpack(packed, dictionary, last).equals(data)).toBe(true)
  expect(packed.length).toBeLessThanOrEqual(data.length + 12 * Math.floor(data.length / 65_532) + 12)
  expect(last || packed.subarray(-4).toString('hex') === '0000ffff').toBe(true)
  return packed
}

describe('what was packed comes back', () => {
  const kinds: [string, (bytes: number) => Buffer][] = [
    ['zeros', (bytes) => Buffer.alloc(bytes)],
    ['noise', (bytes) => noise(bytes)],
    ['two bytes in turn', (bytes) => Buffer.alloc(bytes, 'ab')],
    ['a mixture', (bytes) => mixture(bytes, 1)],
  ]
  const sizes = [0, 1, 2, 3, 4, 5, 8, 16, 17, 258, 259, 4096, 65_535, 65_536, 65_537, 131_072, MOST - 1, MOST, MOST + 1]
  for (const [name, make] of kinds)
    test(`${name}, of every size that is an edge, with and without content before, last and not`, () => {
      for (const bytes of sizes)
        for (const dictionary of [null, noise(WINDOW), make(100)])
          for (const last of [true, false]) expectBack(make(bytes), dictionary, last)
    })

  test('any mixture, in pieces that know what was before them', () => {
    const random = randomNumbers(7)
    for (let round = 0; round < 60; round += 1) {
      const whole = mixture(Math.floor(random() ** 3 * 400_000), round)
      const cuts = Array.from({ length: 3 }, () => Math.floor(random() * whole.length))
      const edges = [0, ...cuts.toSorted((a, b) => a - b), whole.length]
      const pieces = edges.slice(1).map((to, index) => {
        const from = edges[index] ?? 0
        const before = whole.subarray(Math.max(0, from - Math.floor(random() * 50_000)), from)
        return pack(whole.subarray(from, to), before, index === edges.length - 2)
      })
      expect(inflateRawSync(Buffer.concat(pieces)).equals(whole)).toBe(true)
    }
  })

  test('what does not compress is stored, in as few blocks as can be', () => {
    expect(expectBack(noise(MOST)).length).toBeLessThanOrEqual(MOST + 5 * Math.ceil(MOST / 65_535))
    expect(expectBack(noise(100), null, false).length).toBe(100 + 5 + 5)
    expect(expectBack(Buffer.alloc(0)).toString('hex')).toBe('0300')
  })

  test('more than is packed at a time is joined', () => {
    const long = mixture(2 * MOST + 12_345, 3)
    const packed = expectBack(Buffer.concat([long, long.subarray(-20_000)]))
    // What is repeated is found across the pieces.
    expect(packed.length).toBeLessThan(pack(long).length + 2000)
  })
})

describe('codes', () => {
  test('literals as uneven as can be', () => {
    for (let ratio = 1.2; ratio < 3; ratio += 0.1) {
      const counts = Array.from({ length: 40 }, (_, index) => Math.floor(ratio ** index)).filter(
        (count) => count < 40_000,
      )
      const bytes = Buffer.from(counts.flatMap((count, symbol) => Array.from<number>({ length: count }).fill(symbol)))
      const random = randomNumbers(3)
      for (let at = bytes.length - 1; at > 0; at -= 1) {
        const other = Math.floor(random() * (at + 1))
        ;[bytes[at], bytes[other]] = [bytes[other] ?? 0, bytes[at] ?? 0]
      }
      expectBack(bytes)
    }
  })

  test('one literal and no distance, every literal and no distance, one distance only', () => {
    expectBack(Buffer.from('x'))
    expectBack(Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)))
    // Literals alone, but uneven enough for a code of their own.
    expectBack(Buffer.from(Array.from({ length: 3000 }, (_, at) => (at % 3 === 0 ? at >> 4 : (at * at) % 7))))
    expectBack(Buffer.alloc(50_000, 'four'))
    // A megabyte of matches of 258 bytes, which have a symbol without extra bits: two bits each.
    expect(expectBack(Buffer.alloc(MOST, 'x')).length).toBeLessThan(MOST / 258 / 4 + 200)
  })

  test('matches of every length', () => {
    const before = noise(4096)
    for (let length = 4; length <= 600; length += 1) {
      const from = (length * 37) % 3000
      const data = Buffer.concat([noise(5, length), before.subarray(from, from + length), noise(5, length + 1)])
      expect(expectBack(data, before).length).toBeLessThan(30 + 4 * Math.ceil(length / 258))
    }
  })

  test('a match may begin 32768 bytes before, and no more', () => {
    const again = noise(200)
    const before = Buffer.concat([again, Buffer.alloc(WINDOW - again.length)])
    expect(expectBack(again, before).length).toBeLessThan(12)
    // One byte more between them.
    expect(expectBack(Buffer.concat([noise(1, 9), again]), before).length).toBeGreaterThan(200)
    const whole = expectBack(Buffer.concat([before, again, before, noise(1, 5), before, again]))
    expect(whole.length).toBeLessThan(2000)
  })
})

test('the same content gives the same bytes, whatever was packed before it', () => {
  const random = randomNumbers(11)
  const inputs = Array.from({ length: 60 }, (_, index) => mixture(Math.floor(random() ** 2 * 150_000), 100 + index))
  const before = (index: number): Buffer | null => (index % 3 === 0 ? (inputs[index + 1] ?? null) : null)
  const first = inputs.map((data, index) => pack(data, before(index)))
  for (const index of inputs.keys()) {
    // What is left in memory behind the end and in the tables must not matter: leave it full of other things.
    if (index % 8 === 0)
      pack(index % 16 === 0 ? noise(MOST, index) : Buffer.alloc(MOST, inputs[index]?.subarray(0, 50)))
    const turned = inputs.length - 1 - index
    expect(pack(inputs[turned] ?? Buffer.alloc(0), before(turned)).equals(first[turned] ?? Buffer.alloc(0))).toBe(true)
  }
})

test('what is left behind the end of the content makes no difference', () => {
  // It ends with what occurs twice before, and went on differently: which of them is nearer must decide, not what was here once.
  for (let length = 6; length < 40; length += 1) {
    const text = noise(length, length)
    const data = Buffer.concat([text, Buffer.from('going on'), text, Buffer.from('ended it'), text])
    const behind = [Buffer.alloc(400), Buffer.from('going on'), Buffer.from('ended it'), noise(400)]
    const packed = behind.map((more) => {
      pack(Buffer.concat([data, more]))
      return pack(data).toString('hex')
    })
    expect(new Set(packed).size).toBe(1)
  }
})

test('text is packed no worse than by the level of zlib that takes twice as long', () => {
  const random = randomNumbers(5)
  const words = Array.from({ length: 3000 }, (_, index) =>
    noise(2 + (index % 9), index)
      .toString('hex')
      .slice(0, 2 + (index % 9)),
  )
  const text = Array.from({ length: 60_000 }, () => words[Math.floor(random() ** 3 * words.length)]).join(' ')
  const data = Buffer.from(text)
  expect(expectBack(data).length).toBeLessThan(deflateRawSync(data, { level: 2, memLevel: 9 }).length)
})

test('what is answered is the caller’s own', () => {
  const first = fastDeflate()?.(Buffer.from('first first first'), null, true)
  const copy = Buffer.from(first ?? [])
  pack(noise(1000))
  expect(first?.buffer.byteLength).toBe(first?.byteLength)
  expect(Buffer.from(first ?? []).equals(copy)).toBe(true)
})
