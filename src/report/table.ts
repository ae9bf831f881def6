import { clean, isPlain, padEnd, padStart, truncate, width } from '../core/text.ts'

/**
 * Aligned columns for people. Cells are made safe; `right` names the columns (by index) that hold numbers. What ends a
 * row is free text: it does not widen the column for the others.
 */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = [], most = 60): string[] {
  const made = rows.map((row) => safeRow(row, most))
  const widths: number[] = []
  const measure = (row: Row): void => {
    const { cells, plain } = row
    // By index, here and below: a list may have thousands of rows, and an iterator costs more than a cell.
    for (let at = 0; at < cells.length; at += 1) {
      const cell = cells[at] ?? ''
      if (at === cells.length - 1 && !right.includes(at)) break
      const wide = plain ? cell.length : width(cell)
      if (wide > (widths[at] ?? 0)) widths[at] = wide
    }
  }
  for (const row of made) measure(row)
  return made.map((row) => lineOf(row, widths, right))
}

/** `plain`: every cell is as wide as it is long. */
type Row = { cells: readonly string[]; plain: boolean }

function lineOf({ cells, plain }: Row, widths: readonly number[], right: readonly number[]): string {
  let last = cells.length - 1
  while (last > 0 && cells[last] === '') last -= 1
  let line = ''
  for (let at = 0; at <= last; at += 1) {
    const cell = cells[at] ?? ''
    const wide = widths[at] ?? 0
    if (right.includes(at)) line += plain ? cell.padStart(wide) : padStart(cell, wide)
    else if (at === last) line += cell
    else line += plain ? cell.padEnd(wide) : padEnd(cell, wide)
    if (at < last) line += '  '
  }
  return line.trimEnd()
}

/** Cells that are safe to show; nearly every row is safe as it is. */
function safeRow(cells: readonly string[], most: number): Row {
  const fits = cells.every((cell) => cell.length <= most && isPlain(cell))
  return fits ? { cells, plain: true } : { cells: cells.map((cell) => truncate(clean(cell), most)), plain: false }
}
