import { expect, test } from 'vitest'
import { table } from '../../src/report/table.ts'

test('columns are aligned, numbers to the right', () => {
  expect(
    table(
      [
        ['quick', '241 B', 'found'],
        ['baseline', '1.1 GB', 'restored'],
      ],
      [1],
    ),
  ).toEqual(['quick      241 B  found', 'baseline  1.1 GB  restored'])
})

test('the free text that ends a row does not push the columns of the others apart', () => {
  expect(
    table([
      ['Live', 'prod-1', '3 d ago'],
      ['Log', '2025-11-18_a-very-long-name.md'],
    ]),
  ).toEqual(['Live  prod-1  3 d ago', 'Log   2025-11-18_a-very-long-name.md'])
})

test('fault 65: hostile text is shown inert, and cut by its width', () => {
  expect(table([['\u001b[31mred\u0007', 'x'.repeat(80)]], [], 10)).toEqual(['red  xxxxxxxxx…'])
})
