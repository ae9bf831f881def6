import { expect, test } from 'vitest'
import { countedOn, progressLines, type Counted } from '../../src/core/progress.ts'

const at = (second: number) => `2025-11-21T12:00:0${second}.000Z`
const half: Counted = { done: 600_000_000, total: 1_200_000_000, basis: 'counted' }

test('how far a step is, is said in bytes, with the rate and what is left, or in fewer words', () => {
  expect(progressLines(half, 3_000)).toEqual([
    '50 %, 600 MB of 1.2 GB, 200 MB/s, about 3.0 s left',
    '50 %, 600 MB of 1.2 GB, about 3.0 s left',
    '50 %, about 3.0 s left',
    '50 %',
  ])
})

test('in the first two seconds nothing is guessed', () => {
  expect(progressLines(half, 1_900)[0]).toBe('50 %, 600 MB of 1.2 GB')
})

test('where nobody knows how much it is, what is done is said', () => {
  expect(progressLines({ ...half, total: null }, 3_000)).toEqual(['600 MB, 200 MB/s', '600 MB'])
  expect(progressLines({ done: 0, total: 0, basis: 'counted' }, 1_000)[0]).toBe('0 B')
})

test('more than the last time is no share of it any more', () => {
  const more = progressLines({ done: 600_000_000, total: 500_000_000, basis: 'last run' }, 3_000)
  expect(more).toEqual(['600 MB, 200 MB/s, more than the last time', '600 MB, 200 MB/s', '600 MB'])
})

test('a second pass over the bytes has a beginning of its own', () => {
  const first = countedOn(undefined, { done: 10, total: 90, basis: 'counted' }, at(1))
  const on = countedOn(first, { done: 80, total: 90, basis: 'counted' }, at(2))
  const again = countedOn(on, { done: 5, total: 90, basis: 'counted' }, at(3))
  expect([first.since, on.since, again.since]).toEqual([at(1), at(1), at(3)])
})
