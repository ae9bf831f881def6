import { clean, truncate, width } from '../core/text.ts'

/** What a piece of text means; the theme decides how that looks. */
export type Role = 'text' | 'muted' | 'key' | 'ok' | 'attention' | 'danger' | 'chip'

type Span = { readonly text: string; readonly role: Role; readonly bold: boolean }

/** One row of the screen. Everything in it went through `clean`. */
export type Line = readonly Span[]

type Piece = string | Line | null | false | undefined

/** Text in a role, safe to show. */
export function t(text: string, role: Role = 'text', bold = false): Line {
  return [{ text: clean(text), role, bold }]
}

export const muted = (text: string): Line => t(text, 'muted')
export const strong = (text: string): Line => t(text, 'text', true)

/** Pieces beside each other; what is null or false is left out. */
export function line(...pieces: readonly Piece[]): Line {
  return pieces.flatMap((piece) => (typeof piece === 'string' ? t(piece) : piece || []))
}

export const empty: Line = []

export function widthOf(spans: Line): number {
  return spans.reduce((sum, span) => sum + width(span.text), 0)
}

/** The line in at most `columns`; what does not fit ends in `…`. */
export function fit(spans: Line, columns: number): Line {
  if (widthOf(spans) <= columns) return spans
  const kept: Span[] = []
  let room = columns
  for (const [index, span] of spans.entries()) {
    const wide = width(span.text)
    const rest = spans.slice(index + 1).some((later) => later.text !== '')
    if (wide < room || (wide === room && !rest)) {
      kept.push(span)
      room -= wide
      continue
    }
    // Forced longer by one column, so that the mark shows that text was left out.
    kept.push({ ...span, text: truncate(span.text + (wide <= room ? '  ' : ''), room) })
    break
  }
  return kept
}

/** The line in exactly `columns`. */
export function pad(spans: Line, columns: number, align: 'left' | 'right' = 'left'): Line {
  const fitted = fit(spans, columns)
  const missing = ' '.repeat(Math.max(0, columns - widthOf(fitted)))
  return align === 'left' ? [...fitted, ...t(missing)] : [...t(missing), ...fitted]
}

/** One line at the left edge, one at the right; the left one gives way. */
export function spread(left: Line, right: Line, columns: number): Line {
  if (widthOf(right) === 0) return fit(left, columns)
  const end = fit(right, columns)
  const room = columns - widthOf(end)
  return room < 2 ? end : [...pad(fit(left, room - 1), room), ...end]
}

/** The first of several wordings that fits; the last is cut. Longest first. */
export function firstFit(wordings: readonly Line[], columns: number): Line {
  return wordings.find((wording) => widthOf(wording) <= columns) ?? fit(wordings.at(-1) ?? empty, columns)
}

export type Cell = { content: Line; columns: number; align?: 'left' | 'right' }

/** Cells in columns, `gap` spaces between them; a cell of no columns is left out, the last one is not filled up. */
export function cells(row: readonly Cell[], gap = 2): Line {
  const shown = row.filter((cell) => cell.columns > 0)
  return shown.flatMap((cell, index) => {
    const last = index === shown.length - 1 && cell.align !== 'right'
    const content = last ? fit(cell.content, cell.columns) : pad(cell.content, cell.columns, cell.align)
    return [...(index === 0 ? [] : t(' '.repeat(gap))), ...content]
  })
}

/** The plain text of a line, for tests, screen readers and the clipboard. */
export function plain(spans: Line): string {
  return spans.map((span) => span.text).join('')
}

/** The widest of some texts, at most `most`: the width of a column. */
export function columnOf(texts: readonly string[], most: number): number {
  return Math.min(most, Math.max(0, ...texts.map((text) => width(clean(text)))))
}
