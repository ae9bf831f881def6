import { clean, padEnd, padStart, truncate, width } from '../core/text.ts'

/** Aligned columns for people. Cells are made safe; `right` names the columns (by index) that hold numbers. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = [], most = 60): string[] {
  const safe = rows.map((row) => row.map((cell) => truncate(clean(cell), most)))
  const columns = Math.max(0, ...safe.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, at) => Math.max(0, ...safe.map((row) => width(row[at] ?? ''))))
  return safe.map((row) =>
    widths
      .map((columnWidth, at) =>
        right.includes(at) ? padStart(row[at] ?? '', columnWidth) : padEnd(row[at] ?? '', columnWidth),
      )
      .join('  ')
      .trimEnd(),
  )
}
