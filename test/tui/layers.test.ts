import { expect, test } from 'vitest'
import { applyText } from '../../src/tui/layers.ts'

test.each([
  ['a letter', 'broken', 'broke'],
  ['a family, which is one character of several', 'for the 👨‍👩‍👧', 'for the '],
  ['a flag', 'of 🇪🇺', 'of '],
  ['a letter with its accent apart', 'cafe\u0301', 'caf'],
  ['nothing', '', ''],
])('backspace erases what is seen as one character: %s', (_, before, after) => {
  expect(applyText(before, { erase: 'character' })).toBe(after)
})
