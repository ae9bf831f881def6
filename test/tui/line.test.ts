import { expect, test } from 'vitest'
import { width } from '../../src/core/text.ts'
import { cells, firstFit, fit, line, pad, plain, spread, t, widthOf } from '../../src/tui/line.ts'

test('whatever is shown was cleaned', () => {
  expect(plain(t('a\u001b[2Jb\u202ec'))).toBe('abc')
  expect(plain(line('x\ny', null, false, t('\u0007z')))).toBe('x yz')
})

test.each([1, 2, 5, 9, 10, 11, 30])('a line fits into %i columns', (columns) => {
  const long = line('日本語', t('abcdef', 'ok'), ' tail')
  expect(widthOf(fit(long, columns))).toBeLessThanOrEqual(columns)
  expect(widthOf(pad(long, columns))).toBe(columns)
  expect(widthOf(spread(long, t('right'), columns))).toBeLessThanOrEqual(columns)
})

test('what was left out is marked, also where a span ends exactly at the edge', () => {
  expect(plain(fit(line('abc', 'def'), 3))).toBe('ab…')
  expect(plain(fit(line('abc', 'def'), 5))).toBe('abcd…')
  expect(plain(fit(line('abc', ''), 3))).toBe('abc')
})

test('the right end stays, the left gives way', () => {
  expect(plain(spread(t('a long name'), t('12 s'), 12))).toBe('a long… 12 s')
})

test('cells are columns; the last is not filled up', () => {
  const row = cells([
    { content: t('ab'), columns: 4 },
    { content: t('7'), columns: 3, align: 'right' },
    { content: t('gone'), columns: 0 },
    { content: t('end'), columns: 9 },
  ])
  expect(plain(row)).toBe('ab      7  end')
})

test('the longest wording that fits', () => {
  expect(plain(firstFit([t('much too long'), t('short')], 6))).toBe('short')
  expect(width(plain(firstFit([t('much too long'), t('also too long')], 6)))).toBeLessThanOrEqual(6)
})
