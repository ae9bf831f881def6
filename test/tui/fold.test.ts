import { expect, test } from 'vitest'
import { folded, pageBefore, pageFrom } from '../../src/tui/fold.ts'

test('a long line of a log keeps every word, under its text', () => {
  expect(folded('12:09:11  production answers 200 with another page than it should', 40)).toEqual([
    '12:09:11  production answers 200 with',
    '          another page than it should',
  ])
  expect(folded('  - **Commit:** a list keeps its indent when it is folded', 36)).toEqual([
    '  - **Commit:** a list keeps its',
    '    indent when it is folded',
  ])
})

test('pages meet: the page before one ends where that one begins', () => {
  const lines = Array.from({ length: 20 }, (_, index) =>
    index % 3 === 0 ? 'word '.repeat(12).trim() : `line ${index}`,
  )
  const last = pageBefore(lines, lines.length, 10, 40)
  const page = pageFrom(lines, last, 10, 40)
  expect(last + page.count).toBe(20)
  expect(page.rows.at(-1)).toBe('line 19')
  const before = pageBefore(lines, last, 10, 40)
  expect(before + pageFrom(lines, before, 10, 40).count).toBe(last)
})

test('a line longer than the whole page is a page by itself', () => {
  const lines = ['short', 'word '.repeat(200), 'end']
  expect(pageBefore(lines, 2, 5, 40)).toBe(1)
  expect(pageFrom(lines, 1, 5, 40)).toMatchObject({ count: 1, rows: { length: 5 } })
})
