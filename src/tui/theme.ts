import { width } from '../core/text.ts'
import type { Role } from './line.ts'

/** How a role is drawn; the names are those of Ink's Text. */
type Look = { color?: string; dimColor?: boolean; inverse?: boolean }

export type Theme = { looks: Readonly<Record<Role, Look>>; ascii: boolean; bold: boolean }

const dark: Record<Role, Look> = {
  text: {},
  muted: { dimColor: true },
  key: { color: 'cyan' },
  ok: { color: 'green' },
  attention: { color: 'yellow' },
  danger: { color: 'red' },
  chip: { inverse: true },
}

// The plain yellow, cyan and green of most terminals cannot be read on white. A terminal of 256 colours draws the
// nearest of its cube, which is lighter: these are dark enough in both.
const light: Record<Role, Look> = {
  ...dark,
  key: { color: '#004c7f' },
  ok: { color: '#006e00' },
  attention: { color: '#824b00' },
  danger: { color: '#b20000' },
}

const colourless: Record<Role, Look> = {
  text: {},
  muted: {},
  key: {},
  ok: {},
  attention: {},
  danger: {},
  chip: { inverse: true },
}

type Environment = Readonly<Record<string, string | undefined>>

/** Whether colour is wanted: FORCE_COLOR decides, then NO_COLOR and a dumb terminal say no. */
export function wantsColour(env: Environment): boolean {
  const forced = env['FORCE_COLOR']
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false'
  return (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
}

/** Whether a screen reader follows: lines one after another, nothing repainted. */
export function wantsVoice(env: Environment): boolean {
  return env['INK_SCREEN_READER'] === 'true' || ['1', 'true'].includes(env['ACCESSIBLE'] ?? '')
}

/** Whether the terminal's character set is something other than UTF-8. A locale that is not set at all says nothing. */
export function wantsAscii(env: Environment): boolean {
  if (env['TERM'] === 'dumb' || env['TERM'] === 'linux') return true
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => value !== undefined && value !== '')
  return locale !== undefined && !/utf-?8/i.test(locale)
}

export function makeTheme(env: Environment, wanted: 'auto' | 'light' | 'dark'): Theme {
  const coloured = wantsColour(env)
  // COLORFGBG is "foreground;background"; 7 and 15 are white.
  const onWhite = wanted === 'light' || (wanted === 'auto' && /;(7|15)$/.test(env['COLORFGBG'] ?? ''))
  return {
    looks: coloured ? (onWhite ? light : dark) : colourless,
    ascii: wantsAscii(env),
    bold: env['TERM'] !== 'dumb',
  }
}

/** Every state as a glyph; a word always stands beside it. */
export const glyph = {
  ok: '✓',
  bad: '✗',
  warn: '!',
  open: '○',
  pointer: '▸',
  back: '↩',
  rule: '─',
  doubleRule: '═',
} as const

export const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const

const ASCII: Readonly<Record<string, string>> = {
  '✓': '+',
  '✗': 'x',
  '○': 'o',
  '▸': '>',
  '↩': '<',
  '─': '-',
  '═': '=',
  '│': '|',
  '╭': '+',
  '╮': '+',
  '╰': '+',
  '╯': '+',
  '…': '.',
  '›': '>',
  '→': '>',
  '·': '-',
  '↑': '^',
  '↓': 'v',
  '█': '#',
  '░': '.',
  '–': '-',
  '×': 'x',
  '’': "'",
  '“': '"',
  '”': '"',
}

/** The same text in ASCII, column for column, so that nothing moves. */
export function toAscii(text: string): string {
  // oxlint-disable-next-line no-control-regex -- everything outside ASCII
  return text.replace(/[^\u0000-\u007f]\p{M}*/gu, (character) => {
    const known = ASCII[character]
    if (known !== undefined) return known
    if (/[\u2800-\u28ff]/.test(character)) return '*'
    return '?'.repeat(width(character))
  })
}
