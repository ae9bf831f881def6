import { expect, test } from 'vitest'
import { width } from '../../src/core/text.ts'
import { makeTheme, toAscii, wantsAscii, wantsColour } from '../../src/tui/theme.ts'

test.each([
  [{}, true],
  [{ NO_COLOR: '1' }, false],
  [{ NO_COLOR: '' }, true],
  [{ TERM: 'dumb' }, false],
  [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true],
  [{ FORCE_COLOR: '0' }, false],
])('colour with %j: %s', (env, wanted) => {
  expect(wantsColour(env)).toBe(wanted)
  expect(makeTheme(env, 'auto').looks.ok.color !== undefined).toBe(wanted)
})

test.each([
  [{ LANG: 'en_US.UTF-8' }, false],
  [{ LANG: 'C' }, true],
  [{ LANG: 'en_US.UTF-8', LC_ALL: 'POSIX' }, true],
  [{ TERM: 'linux', LANG: 'C.UTF-8' }, true],
  [{}, false],
])('ASCII with %j: %s', (env, wanted) => {
  expect(wantsAscii(env)).toBe(wanted)
})

test('ASCII keeps every column where it was', () => {
  const text = '▸ ○ ✓ ✗ ↩ ── é 日本 ⠹ █░ … “x”'
  expect(toAscii(text)).toMatch(/^[ -~]+$/)
  expect(width(toAscii(text))).toBe(width(text))
  expect(toAscii('✓ ✗ ! ○ ▸ ↩')).toBe('+ x ! o > <')
})

test('a white terminal gets colours that can be read on it', () => {
  expect(makeTheme({ COLORFGBG: '0;15' }, 'auto').looks.attention.color).not.toBe('yellow')
  expect(makeTheme({ COLORFGBG: '15;0' }, 'auto').looks.attention.color).toBe('yellow')
  expect(makeTheme({ COLORFGBG: '0;15' }, 'dark').looks.attention.color).toBe('yellow')
})
