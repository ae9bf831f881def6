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

/** WCAG: how much lighter white is than a colour; 4.5 is enough for text. */
function onWhite(colour: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = colour.map((value) =>
    value / 255 <= 0.039_28 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
  )
  return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
}

/** What a terminal of 256 colours draws for it: the step of its cube that is taken for each part. */
const inCube = (colour: readonly number[]): number[] =>
  colour.map((value) => [0, 95, 135, 175, 215, 255][Math.round((value / 255) * 5)] ?? 0)

test.each(['key', 'ok', 'attention', 'danger'] as const)('%s can be read on white, also in 256 colours', (role) => {
  const hex = makeTheme({}, 'light').looks[role].color ?? ''
  const colour = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16))
  expect(onWhite(colour)).toBeGreaterThan(4.5)
  expect(onWhite(inCube(colour))).toBeGreaterThan(4.5)
})
