import { expect, test } from 'vitest'
import { clean, cleanLines, inertJson, inShort, padEnd, padStart, truncate, width, wrap } from '../../src/core/text.ts'

test('fault 65: text that would act on a terminal is made inert', () => {
  expect(clean('plain text')).toBe('plain text')
  expect(clean('\u001b[2J\u001b[31mred\u001b[0m')).toBe('red')
  expect(clean('\u001b]0;title\u0007after')).toBe('after')
  expect(clean('\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\')).toBe('link')
  expect(clean('\u009b31mred')).toBe('red')
  expect(clean('\u001bcreset')).toBe('reset')
  expect(clean('a\rb\nc\td')).toBe('a b c d')
  expect(clean('user\u202egnp.exe\u2066x\u2069')).toBe('usergnp.exex')
  expect(clean('a\u0000b\u0007c\u007fd')).toBe('abcd')
  expect(clean('\ud800x')).toBe('\ufffdx')
})

test('an unfinished sequence hides nothing after it', () => {
  expect(clean('\u001b]0;still here')).toContain('still here')
  expect(clean(`${'\u001b]'.repeat(20_000)}end`)).toContain('end')
})

test('fault 65: a document is the same to whoever parses it, and a terminal finds nothing in it to obey', () => {
  const said = {
    name: '\u001b]52;c;eA==\u0007 \u009b31m \u007f \u202egnp \u2028 \u{e0041} \ufeff',
    plain: 'Ünïcode 日本語 👩‍💻\n',
  }
  const shown = inertJson(JSON.stringify(said, null, 2))
  expect(JSON.parse(shown)).toEqual(said)
  expect(shown.split('\n').map(clean)).toEqual(shown.split('\n'))
  expect(shown).toContain('Ünïcode 日本語 👩‍💻')
})

test('what people write stays', () => {
  expect(clean('Ünïcode – 日本語 👩‍💻 हिन्दी')).toBe('Ünïcode – 日本語 👩‍💻 हिन्दी')
})

test('several lines', () => {
  expect(cleanLines('one\r\ntwo\u001b[1m\n')).toEqual(['one', 'two'])
})

test.each([
  ['abc', 3],
  ['é', 1],
  ['e\u0301', 1],
  ['日本', 4],
  ['👩‍💻', 2],
  ['✓ ✗ ▸ ↩', 7],
  ['▸…', 2],
  ['한글', 4],
  ['⚠️', 2],
  ['🇫🇷', 2],
  ['⠹', 1],
  ['', 0],
])('%s is %i columns wide', (text, columns) => {
  expect(width(text)).toBe(columns)
})

test('truncation counts columns', () => {
  expect(truncate('abcdef', 6)).toBe('abcdef')
  expect(truncate('abcdef', 5)).toBe('abcd…')
  expect(truncate('日本語です', 6)).toBe('日本…')
  expect(truncate('日本語です', 5)).toBe('日本…')
  expect(truncate('abc', 0)).toBe('')
  expect(truncate('abc def', 5)).toBe('abc…')
  expect(truncate('abcdef', 5, '...')).toBe('ab...')
})

test('a long name keeps its two ends, and no half of a character', () => {
  expect(inShort('as it is', 8)).toBe('as it is')
  expect(inShort('the first and the last', 11)).toBe('the f… last')
  expect(inShort('😀'.repeat(100), 12)).toBe('😀😀…😀😀')
})

test('padding counts columns', () => {
  expect(padEnd('日', 4)).toBe('日  ')
  expect(padStart('12', 4)).toBe('  12')
  expect(padEnd('longer', 2)).toBe('longer')
})

test('wrapping', () => {
  expect(wrap('one two three', 7)).toEqual(['one two', 'three'])
  expect(wrap('abcdefgh', 3)).toEqual(['abc', 'def', 'gh'])
  expect(wrap('', 10)).toEqual([''])
  expect(wrap('日本語です', 4)).toEqual(['日本', '語で', 'す'])
})
