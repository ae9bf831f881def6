const SEQUENCES =
  // oxlint-disable-next-line no-control-regex -- these are the sequences that must not reach a terminal
  /\u001b\[[0-?]*[ -/]*[@-~]|\u001b[\]PX^_][^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)|\u009b[0-?]*[ -/]*[@-~]|\u001b[ -/]*[0-~]/g
// oxlint-disable-next-line no-control-regex -- white space that would move the cursor
const BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g
// Controls, bidi marks and overrides, invisible fillers and tag characters: text that hides or reorders text.
const HIDING = String.raw`[\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]`
const UNSEEN = new RegExp(String.raw`[\u0000-\u001f]|${HIDING}`, 'gu')
const BEYOND_ASCII = new RegExp(HIDING, 'gu')
// oxlint-disable-next-line no-control-regex -- the fast path: printable ASCII only
const PLAIN = /^[\u0020-\u007e]*$/
// Also the letters, marks and rules of one column that never join their neighbours: most of what is ever shown.
const NARROW =
  /^[\u0020-\u007e\u00a1-\u00ac\u00ae-\u017f\u2010-\u2027\u2039\u203a\u2190-\u2199\u21a9\u2500-\u25b8\u25cb\u2713\u2717\u2800-\u28ff]*$/
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]+$/u
const EMOJI = /\p{Emoji_Presentation}|\ufe0f|\u20e3/u

/** Wide and full-width blocks (Unicode East Asian Width W and F), as pairs of first and last code point. */
const WIDE = [
  0x1100, 0x115f, 0x2e80, 0x303e, 0x3041, 0x33ff, 0x3400, 0x4dbf, 0x4e00, 0x9fff, 0xa000, 0xa4cf, 0xa960, 0xa97f,
  0xac00, 0xd7a3, 0xf900, 0xfaff, 0xfe10, 0xfe19, 0xfe30, 0xfe6f, 0xff01, 0xff60, 0xffe0, 0xffe6, 0x16fe0, 0x18cff,
  0x1aff0, 0x1b2ff, 0x1f200, 0x1f2ff, 0x20000, 0x3fffd,
]

/** Whether it is printable ASCII alone: safe to show, and as wide as it is long. */
export function isPlain(text: string): boolean {
  return PLAIN.test(text)
}

/** One line that is safe to show: no escape sequences, controls, bidi or invisible characters; breaks become a space. */
export function clean(text: string): string {
  // Nothing of what would be taken away is among them.
  if (NARROW.test(text)) return text
  return text.replace(SEQUENCES, '').replace(BREAKS, ' ').replace(UNSEEN, '').toWellFormed()
}

/** A JSON document that is safe to show: what JSON leaves as it is, and a terminal would obey, is escaped. It parses as before. */
export function inertJson(text: string): string {
  return text.replace(BEYOND_ASCII, (found) => found.split('').map(escaped).join(''))
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** Text of several lines, each made safe to show. A carriage return alone starts no line. */
export function cleanLines(text: string): string[] {
  return text.replace(/\n$/, '').split(/\r?\n/).map(clean)
}

let segmenter: Intl.Segmenter | undefined

/** The characters as a reader sees them. The segmenter is made late: it costs more than most frames. */
export function graphemes(text: string): string[] {
  if (NARROW.test(text)) return [...text]
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' })
  return Array.from(segmenter.segment(text), (part) => part.segment)
}

function isWide(point: number): boolean {
  if (point < 0x1100) return false
  for (let index = 0; index < WIDE.length; index += 2) {
    if (point >= (WIDE[index] ?? 0) && point <= (WIDE[index + 1] ?? 0)) return true
  }
  return false
}

function widthOf(grapheme: string): number {
  const point = grapheme.codePointAt(0) ?? 0
  if (point < 0x300) return EMOJI.test(grapheme) ? 2 : point < 0x20 || (point >= 0x7f && point < 0xa0) ? 0 : 1
  if (ZERO.test(grapheme)) return 0
  return EMOJI.test(grapheme) || isWide(point) ? 2 : 1
}

/** Columns the text takes in a terminal. */
export function width(text: string): number {
  if (NARROW.test(text)) return text.length
  return graphemes(text).reduce((sum, part) => sum + widthOf(part), 0)
}

/** The text in at most `columns`, ending in `…` when something was left out. `mark` is what stands for the rest. */
export function truncate(text: string, columns: number, mark = '…'): string {
  if (columns <= 0) return ''
  if (width(text) <= columns) return text
  if (NARROW.test(text) && mark.length <= columns) return text.slice(0, columns - mark.length).trimEnd() + mark
  let taken = ''
  let used = 0
  const room = columns - width(mark)
  if (room < 0) return ''
  for (const part of graphemes(text)) {
    const wide = widthOf(part)
    if (used + wide > room) break
    taken += part
    used += wide
  }
  return taken.trimEnd() + mark
}

/** In at most `most` characters: how it begins and how it ends, and `…` for what lies between. */
export function inShort(text: string, most = 160): string {
  if (text.length <= most) return text
  const half = Math.floor((most - 1) / 2)
  // No half of a pair of surrogates.
  const begin = text.slice(0, half).replace(/[\ud800-\udbff]$/, '')
  return `${begin}…${text.slice(-half).replace(/^[\udc00-\udfff]/, '')}`
}

/** Filled with spaces on the right to `columns`; longer text stays as it is. */
export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)))
}

/** Filled with spaces on the left to `columns`; longer text stays as it is. */
export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - width(text))) + text
}

/** Broken at spaces into lines of at most `columns`; a longer word is broken where the line ends. */
export function wrap(text: string, columns: number): string[] {
  const room = Math.max(1, columns)
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    let rest = word
    if (line !== '' && width(line) + 1 + width(rest) > room) {
      lines.push(line)
      line = ''
    }
    while (width(rest) > room) {
      const head = truncate(rest, room, '')
      if (head === '') break
      lines.push(head)
      rest = rest.slice(head.length)
    }
    line = line === '' ? rest : `${line} ${rest}`
  }
  lines.push(line)
  return lines
}
