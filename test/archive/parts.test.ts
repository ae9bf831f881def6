import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { ahead } from '../../src/archive/ahead.ts'
import { combineCrc } from '../../src/archive/crc-combine.ts'
import { digestBehind, digestElsewhere } from '../../src/archive/digest-behind.ts'
import { openPool } from '../../src/archive/pool.ts'
import { noise } from '../helpers/random.ts'
import { temporaryFolder } from '../helpers/temp.ts'

test('the CRC of a whole is known from those of its pieces, however long', () => {
  const whole = noise(100_000)
  for (const cut of [0, 1, 2, 255, 32_768, 99_999, 100_000]) {
    const [first, second] = [whole.subarray(0, cut), whole.subarray(cut)]
    expect(combineCrc(crc32(first), crc32(second), second.length)).toBe(crc32(whole))
  }
  // Lengths that need more than 32 bits: taking off and adding in two ways must agree.
  const [huge, one] = [6 * 2 ** 30, crc32(whole)]
  const atOnce = combineCrc(one, 0, huge)
  expect(combineCrc(combineCrc(one, 0, huge / 2), 0, huge / 2)).toBe(atOnce)
})

test('a generator runs ahead by what it may weigh, keeps its order, and its error comes last', async () => {
  let made = 0
  async function* numbers(): AsyncGenerator<number> {
    for (; made < 10;) yield (made += 1)
    throw new Error('no more')
  }
  const seen: number[] = []
  let most = 0
  const all = (async () => {
    for await (const number of ahead(numbers(), () => 1, 3)) {
      seen.push(number)
      await new Promise((resolve) => setImmediate(resolve))
      most = Math.max(most, made - number)
    }
  })()
  await expect(all).rejects.toThrow('no more')
  expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  expect(most).toBeGreaterThan(0)
  expect(most).toBeLessThanOrEqual(3)
})

test('left early, a generator is ended', async () => {
  let ended = false
  async function* forever(): AsyncGenerator<number> {
    try {
      for (;;) yield 1
    } finally {
      ended = true
    }
  }
  for await (const _ of ahead(forever(), () => 1, 2)) break
  expect(ended).toBe(true)
})

test('a file is hashed as it grows, in this thread and in another', async () => {
  const content = noise(11_000_000)
  const pool = openPool(undefined, 1)
  const handle = await open(join(temporaryFolder(), 'file'), 'wx+')
  try {
    const both = [digestBehind(handle), digestElsewhere(handle, pool)]
    for (let at = 0; at < content.length; at += 1_700_000) {
      const part = content.subarray(at, at + 1_700_000)
      await handle.write(part, 0, part.length, at)
      for (const one of both) one.advance(at + part.length)
    }
    const digests = await Promise.all(both.map((one) => one.digest()))
    const expected = createHash('sha256').update(content).digest('hex')
    expect(digests).toEqual([expected, expected])
  } finally {
    await pool.end()
    await handle.close()
  }
})

test('a file that did not grow when it was looked at is hashed to its end all the same', async () => {
  const handle = await open(join(temporaryFolder(), 'file'), 'wx+')
  try {
    const digest = digestBehind(handle)
    await handle.writeFile('the beginning, and the end')
    for (const to of [0, 13, 13, 26]) digest.advance(to)
    expect(await digest.digest()).toBe(createHash('sha256').update('the beginning, and the end').digest('hex'))
  } finally {
    await handle.close()
  }
})
