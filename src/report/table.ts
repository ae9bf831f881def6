import { clean, padEnd, padStart, truncate, width } from '../core/text.ts'

/**
 * Aligned columns for people. Cells are made safe; `right` names the columns (by index) that hold numbers. What ends a
 * row is free text: it does not widen the column for the others.
 */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = [], most = 60): string[] {
  const safe = rows.map((row) => row.map((cell) => truncate(clean(cell), most)))
  const columns = Math.max(0, ...safe.map((row) => row.length))
  const counts = (row: readonly string[], at: number) => at < row.length - 1 || right.includes(at)
  const widths = Array.from({ length: columns }, (_, at) =>
    Math.max(0, ...safe.map((row) => (counts(row, at) ? width(row[at] ?? '') : 0))),
  )
  return safe.map((row) =>
    widths
      .map((columnWidth, at) =>
        right.includes(at) ? padStart(row[at] ?? '', columnWidth) : padEnd(row[at] ?? '', columnWidth),
      )
      .join('  ')
      .trimEnd(),
  )
}
