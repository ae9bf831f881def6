import { expect, test } from 'vitest'
import { age, clockTime, duration, moment, size, stretch } from '../../src/core/age.ts'

const now = new Date('2025-11-21T12:04:31Z')

test.each([
  ['2025-11-21T12:04:00Z', 'just now'],
  ['2025-11-21T11:52:00Z', '12 min ago'],
  ['2025-11-21T06:04:00Z', '6 h ago'],
  ['2025-11-20T10:04:00Z', '26 h ago'],
  ['2025-11-18T03:30:00Z', '3 d ago'],
  ['2025-10-11T03:30:00Z', '41 d ago'],
  ['2025-11-25T12:30:00Z', 'in 4 d'],
  ['2025-12-21T12:06:30Z', 'in 30 d'],
  ['nonsense', 'at an unknown time'],
])('%s is %s', (iso, says) => {
  expect(age(iso, now)).toBe(says)
})

test.each([
  [0, '0.0 s'],
  [400, '0.4 s'],
  [9_960, '10 s'],
  [41_000, '41 s'],
  [59_600, '1m 00s'],
  [112_000, '1m 52s'],
  [7_500_000, '2h 05m'],
])('%i ms takes %s', (ms, says) => {
  expect(duration(ms)).toBe(says)
})

test.each([
  [0, '0 B'],
  [812, '812 B'],
  [5_200_000, '5.2 MB'],
  [212_000_000, '212 MB'],
  [999_600_000, '1.0 GB'],
  [1_100_000_000, '1.1 GB'],
])('%i bytes are %s', (bytes, says) => {
  expect(size(bytes)).toBe(says)
})

test('moments', () => {
  expect(moment('2025-11-18T03:30:10Z', now)).toBe('Tue 03:30')
  expect(moment('2025-10-12T09:14:00Z', now)).toBe('12 Oct 09:14')
  expect(moment('2024-10-12T09:14:00Z', now)).toBe('12 Oct 2024')
  expect(moment('', now)).toBe('unknown')
  expect(clockTime('2025-11-21T12:04:31.250Z')).toBe('12:04:31Z')
  expect(stretch(6 * 86_400_000)).toBe('6 d')
})
