import { Resvg } from '@resvg/resvg-js'
import type { IBufferCell, Terminal } from '@xterm/headless'
import { fileURLToPath } from 'node:url'

/** A terminal's screen as a picture: the same cells give the same bytes, so pictures can be compared. */

const SIZE = 14
const CELL = { width: SIZE * 0.602, height: Math.round(SIZE * 1.17 * 10) / 10 }
const MARGIN = 12
const PAPER = '#16181d'
const INK = '#d6d9df'
// Black to white, then the bright ones, as a dark terminal shows them.
const SIXTEEN =
  '#2a2e36 #e0626c #8fbf6f #d9b25f #6ea3e0 #b98adb #56b6c2 #c8ccd4 #6b7280 #f07f88 #a8d68a #ecca7d #8fbdf2 #cfa5ec #79d1db #ffffff'.split(
    ' ',
  )
const fontFiles = ['DejaVuSansMono.ttf', 'DejaVuSansMono-Bold.ttf'].map((name) =>
  fileURLToPath(new URL(`../fixtures/fonts/${name}`, import.meta.url)),
)

/** The visible rows of a terminal as SVG. */
export function screenSvg(terminal: Terminal): string {
  const width = Math.ceil(terminal.cols * CELL.width + 2 * MARGIN)
  const height = Math.ceil(terminal.rows * CELL.height + 2 * MARGIN)
  const rows = Array.from({ length: terminal.rows }, (_, row) => rowSvg(terminal, row)).join('')
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="DejaVu Sans Mono" font-size="${SIZE}"><rect width="100%" height="100%" rx="8" fill="${PAPER}"/>${rows}</svg>`
}

/** The same as a PNG at twice the size. */
export function screenPng(terminal: Terminal): Buffer {
  const font = { fontFiles, loadSystemFonts: false, defaultFontFamily: 'DejaVu Sans Mono' }
  return new Resvg(screenSvg(terminal), { font, fitTo: { mode: 'zoom', value: 2 } }).render().asPng()
}

type Run = {
  style: string
  background: string | null
  start: number
  xs: string[]
  text: string
  dots: string
  columns: number
}

function rowSvg(terminal: Terminal, row: number): string {
  const line = terminal.buffer.active.getLine(terminal.buffer.active.viewportY + row)
  if (line === undefined) return ''
  const runs: Run[] = []
  for (let column = 0; column < terminal.cols; column += 1) {
    const cell = line.getCell(column)
    if (cell === undefined || cell.getWidth() === 0) continue
    const { style, background } = look(cell)
    const last = runs.at(-1)
    const run =
      last?.style === style && last.background === background
        ? last
        : { style, background, start: column, xs: [], text: '', dots: '', columns: 0 }
    if (run !== last) runs.push(run)
    const text = cell.getChars() || ' '
    run.dots += dotsSvg(text, column, MARGIN + row * CELL.height)
    run.text += isBraille(text) ? ' ' : text
    run.columns += cell.getWidth()
    run.xs.push(at(column))
  }
  const top = MARGIN + row * CELL.height
  return runs.map((run) => runSvg(run, top)).join('')
}

function runSvg({ style, background, start, xs, text, dots, columns }: Run, top: number): string {
  const paper =
    background === null
      ? ''
      : `<rect x="${at(start)}" y="${top.toFixed(1)}" width="${(columns * CELL.width).toFixed(2)}" height="${CELL.height}" fill="${background}"/>`
  const spinner = dots === '' ? '' : `<g ${style}>${dots}</g>`
  if (text.trim() === '') return paper + spinner
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return `${paper}${spinner}<text xml:space="preserve" x="${xs.join(' ')}" y="${(top + SIZE * 0.95).toFixed(1)}" ${style}>${escaped}</text>`
}

function isBraille(text: string): boolean {
  return text >= '\u2800' && text <= '\u28FF'
}

/** Braille, which spinners are made of, is missing from the font: its eight dots, by the bits of the code point. */
function dotsSvg(text: string, column: number, top: number): string {
  if (!isBraille(text)) return ''
  const places = [0, 1, 2, 8, 9, 10, 3, 11].map((place) => ({ x: place >> 3, y: place & 7 }))
  const shown = places.filter((_, bit) => (text.charCodeAt(0) >> bit) & 1)
  const left = MARGIN + column * CELL.width
  return shown
    .map(
      ({ x, y }) =>
        `<circle cx="${(left + 2.4 + x * 3.6).toFixed(2)}" cy="${(top + 3.2 + y * 3.4).toFixed(2)}" r="1"/>`,
    )
    .join('')
}

function at(column: number): string {
  return (MARGIN + column * CELL.width).toFixed(2)
}

function look(cell: IBufferCell): { style: string; background: string | null } {
  const front = cell.isFgDefault() ? INK : colour(cell.getFgColor(), cell.isFgRGB())
  const back = cell.isBgDefault() ? null : colour(cell.getBgColor(), cell.isBgRGB())
  const [fill, background] = cell.isInverse() ? [back ?? PAPER, front] : [front, back]
  const marks = [
    cell.isBold() ? 'font-weight="bold"' : '',
    cell.isDim() ? 'opacity="0.6"' : '',
    cell.isUnderline() ? 'text-decoration="underline"' : '',
  ]
  return { style: [`fill="${fill}"`, ...marks.filter(Boolean)].join(' '), background }
}

function colour(value: number, rgb: boolean): string {
  if (rgb) return `#${value.toString(16).padStart(6, '0')}`
  if (value < 16) return SIXTEEN[value] ?? INK
  if (value >= 232) return grey(8 + (value - 232) * 10)
  const level = (index: number) => (index === 0 ? 0 : 55 + index * 40)
  const cube = value - 16
  return `rgb(${level(Math.floor(cube / 36))},${level(Math.floor(cube / 6) % 6)},${level(cube % 6)})`
}

function grey(level: number): string {
  return `rgb(${level},${level},${level})`
}
