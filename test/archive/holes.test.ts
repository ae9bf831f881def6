import { expect, test } from 'vitest'
import { withoutHoles } from '../../src/archive/holes.ts'
import { noise } from '../helpers/random.ts'

const RUN = 65_536

function piece(...parts: (number | Buffer)[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.alloc(part) : part)))
}

test('content without long runs of zeros is written in one go', () => {
  const chunk = piece(noise(5 * RUN), 1_000, noise(7))
  expect([...withoutHoles(chunk)]).toEqual([{ offset: 0, part: chunk }])
})

test('long runs of zeros are left out, wherever they are, and the rest stands where it stood', () => {
  const chunk = piece(RUN, noise(RUN), noise(RUN), 2 * RUN, noise(10))
  expect([...withoutHoles(chunk)]).toEqual([
    { offset: RUN, part: chunk.subarray(RUN, 3 * RUN) },
    { offset: 5 * RUN, part: chunk.subarray(5 * RUN) },
  ])
  expect([...withoutHoles(Buffer.alloc(3 * RUN))]).toEqual([])
  expect([...withoutHoles(Buffer.alloc(0))]).toEqual([])
})
