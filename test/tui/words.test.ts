import { expect, test } from 'vitest'
import { sentence } from '../../src/tui/words.ts'

test.each([
  ['there is no such file', 'There is no such file'],
  ['https://deploy.example/a.png was not taken', 'https://deploy.example/a.png was not taken'],
  ['git switch main', 'git switch main'],
  ['knowngood gate lists them', 'knowngood gate lists them'],
  ['immaculate-1 is frozen', 'immaculate-1 is frozen'],
])('%s begins a sentence as %s', (text, begun) => {
  expect(sentence(text)).toBe(begun)
})
