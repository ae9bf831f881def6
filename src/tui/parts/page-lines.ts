import { clean, wrap } from '../../core/text.ts'
import { empty, fit, line, muted, pad, spread, t, widthOf, type Line } from '../line.ts'
import { FLOOR, isTooSmall, type Size } from '../size.ts'
import { glyph } from '../theme.ts'

/** What a screen shows; `R` is a row of its body. */
export type Content<R = Line> = {
  crumb?: string
  /** The one inverse word, before the name. */
  chip?: string
  /** At the right of the header. */
  right?: Line
  body: readonly R[]
  footer: Line
  /** What the pane beside the list shows on a wide terminal. */
  detail?: () => readonly Line[]
  rule?: 'single' | 'double'
}

/** Where it is shown: `pane` is the first line of the pane while it has the keys. */
export type Setting = { project: string; environment: string; demo: boolean; toast: string | null; pane: number | null }

/** A row of the body, and for each terminal row it takes what stands right of it. */
export type Drawn<R> = { row: R; beside: Line[] }

export type Frame<R> = { head: Line[]; body: Drawn<R | Line>[]; foot: Line[]; left: number }

/** The header's left half. */
export function nameLine(
  { project, environment, demo }: Pick<Setting, 'project' | 'environment' | 'demo'>,
  { crumb, chip }: Pick<Content, 'crumb' | 'chip'>,
): Line {
  return line(
    chip !== undefined && t(` ${chip} `, 'chip'),
    ` ${project} / ${environment}`,
    demo && muted(' (demo)'),
    crumb ? ` › ${crumb}` : null,
  )
}

/** The whole terminal: header, rule, body, rule, footer; exactly as many rows as there are. */
export function frameOf<R>(
  content: Content<R | Line>,
  setting: Setting,
  size: Size,
  rowsOf: (row: R | Line) => number,
): Frame<R> {
  const rule = muted((content.rule === 'double' ? glyph.doubleRule : glyph.rule).repeat(size.columns))
  const toast = setting.toast === null ? [] : toastLines(setting.toast, size.columns - 4)
  const room = size.body - toast.length
  const detail = size.pane > 0 ? content.detail?.() : undefined
  const divider = setting.pane === null ? muted(' │ ') : t(' │ ', 'key')
  const shown = scrolled(detail ?? [], setting.pane, room)
  const body: Drawn<R | Line>[] = []
  let used = 0
  const add = (row: R | Line, rows: number) => {
    const beside = Array.from({ length: rows }, (_, index) =>
      detail === undefined ? empty : line(divider, fit(shown[used + index] ?? empty, size.pane)),
    )
    body.push({ row, beside })
    used += rows
  }
  for (const row of content.body) {
    if (used + rowsOf(row) > room) break
    add(row, rowsOf(row))
  }
  while (used < room) add(empty, 1)
  return {
    head: [headerOf(content, setting, size.columns), rule],
    body,
    foot: [...toast, rule, fit(content.footer, size.columns)],
    left: detail === undefined ? size.columns : size.left,
  }
}

/** What was just said, whole where three rows are enough for it: why a key is off ends with what to do instead. */
function toastLines(text: string, columns: number): Line[] {
  const lines = wrap(clean(text), columns)
  const shown =
    lines.length <= MOST_TOAST ? lines : [...lines.slice(0, MOST_TOAST - 1), lines.slice(MOST_TOAST - 1).join(' ')]
  return shown.map((each) => fit(line('  ', t(each, 'attention')), columns + 2))
}

const MOST_TOAST = 3

/** Where one stands, and what is so at the right; what is said elsewhere as well goes first where there is no room. */
function headerOf(
  content: Pick<Content, 'crumb' | 'chip' | 'right'>,
  setting: Pick<Setting, 'project' | 'environment' | 'demo'>,
  columns: number,
): Line {
  const right = line(content.right ?? empty, ' ')
  const whole = nameLine(setting, content)
  if (content.crumb === undefined) return spread(whole, right, columns)
  const shorter = nameLine({ ...setting, demo: false }, content)
  const least = line(` ${setting.environment} › ${content.crumb}`)
  const fits = (name: Line, beside: Line): boolean => widthOf(name) + widthOf(beside) < columns
  const name = [whole, shorter, least].find((each) => fits(each, right))
  return name === undefined ? spread(least, fits(least, empty) ? empty : right, columns) : spread(name, right, columns)
}

/** A row of the body with what stands beside it. */
export function joined(row: Line, { beside }: Drawn<unknown>, left: number): Line {
  const right = beside[0] ?? empty
  return right.length === 0 ? fit(row, left) : line(pad(row, left), right)
}

/** The page as lines, for a body of nothing else; one sentence in a terminal that is too small. */
export function pageLines(content: Content, setting: Setting, size: Size): Line[] {
  if (isTooSmall(size)) return tooSmall(size)
  const { head, body, foot, left } = frameOf<Line>(content, setting, size, () => 1)
  return [...head, ...body.map((drawn) => joined(drawn.row, drawn, left)), ...foot]
}

export function tooSmall({ columns, rows }: Size): Line[] {
  const says = `This terminal is ${columns}×${rows}; the deck needs ${FLOOR.columns}×${FLOOR.rows}. knowngood status works at any size.`
  return wrap(says, columns - 1)
    .slice(0, Math.max(1, rows - 1))
    .map((text) => t(text))
}

function scrolled(lines: readonly Line[], top: number | null, room: number): readonly Line[] {
  return lines.slice(Math.max(0, Math.min(top ?? 0, lines.length - room)))
}
