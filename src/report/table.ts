import { clean, isPlain, truncate, width } from '../core/text.ts'

/**
 * Aligned columns for people. Cells are made safe; `right` names the columns (by index) that hold numbers. What ends a
 * row is free text: it does not widen the column for the others.
 */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = [], most = 60): string[] {
  const made = rows.map((row) => safeRow(row, most))
  const columns = made.reduce((most, { cells }) => Math.max(most, cells.length), 0)
  const toRight = Array.from({ length: columns }, (_, at) => right.includes(at))
  const widths = toRight.map((ends, at) =>
    made.reduce(
      (most, { cells, wide }) =>
        ends || at < cells.length - 1 ? Math.max(most, wide?.[at] ?? cells[at]?.length ?? 0) : most,
      0,
    ),
  )
  const spaces = ' '.repeat(Math.max(0, ...widths))
  return made.map(({ cells, wide }) => {
    const parts: string[] = []
    // By index: a list may have thousands of rows, and an iterator costs more than a cell.
    for (let at = 0; at < cells.length; at += 1) {
      const cell = cells[at] ?? ''
      const rest = spaces.slice(0, Math.max(0, (widths[at] ?? 0) - (wide?.[at] ?? cell.length)))
      parts.push(toRight[at] === true ? rest + cell : cell + rest)
    }
    return parts.join('  ').trimEnd()
  })
}

/** Cells that are safe to show and how wide they are; null where every one is as wide as it is long. */
function safeRow(row: readonly string[], most: number): { cells: readonly string[]; wide: number[] | null } {
  // A list may have thousands of rows, nearly all of them plain.
  if (row.every(isPlain)) return { cells: row.map((cell) => cut(cell, most)), wide: null }
  const cells = row.map((cell) => truncate(clean(cell), most))
  return { cells, wide: cells.map(width) }
}

/** As `truncate` does it, for text without wide characters. */
function cut(text: string, most: number): string {
  return text.length <= most ? text : truncate(text, most)
}
