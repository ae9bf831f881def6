import { clean, width, wrap } from '../core/text.ts'

/** What a line begins with that its further rows stand clear of: the time in a log, the mark of a list. */
const HEAD = /^ *(?:\d\d:\d\d:\d\d {2}|[-*] )?/

/** A line as the rows it takes, none of its words lost; further rows hang under its text. */
export function folded(text: string, columns: number): string[] {
  const shown = clean(text)
  if (width(shown) <= columns) return [shown]
  const head = HEAD.exec(shown)?.[0] ?? ''
  const room = columns - head.length
  if (room < 20) return wrap(shown, columns)
  return wrap(shown.slice(head.length), room).map((row, index) => (index === 0 ? head : ' '.repeat(head.length)) + row)
}

/** Lines from one on, as the rows that fit; `count` is how many lines these were, the last one perhaps cut. */
export function pageFrom(
  lines: readonly string[],
  from: number,
  room: number,
  columns: number,
): { rows: string[]; count: number } {
  const rows: string[] = []
  let count = 0
  while (rows.length < room && from + count < lines.length) {
    rows.push(...folded(lines[from + count] ?? '', columns))
    count += 1
  }
  return { rows: rows.slice(0, room), count }
}

/** Where a page must begin that ends before line `end`. */
export function pageBefore(lines: readonly string[], end: number, room: number, columns: number): number {
  let from = end
  let used = 0
  while (from > 0) {
    used += folded(lines[from - 1] ?? '', columns).length
    if (used > room && from < end) return from
    from -= 1
  }
  return from
}
