import { clean, truncate, width } from '../core/text.ts'

/**
 * Aligned columns for people. Cells are made safe; `right` names the columns (by index) that hold numbers. What ends a
 * row is free text: it does not widen the column for the others.
 */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = [], most = 60): string[] {
  const safe = rows.map((row) => row.map((cell) => truncate(clean(cell), most)))
  const columns = safe.reduce((most, row) => Math.max(most, row.length), 0)
  const toRight = Array.from({ length: columns }, (_, at) => right.includes(at))
  // Measured once: a list may have thousands of rows.
  const wide = safe.map((row) => row.map(width))
  const widths = toRight.map((ends, at) =>
    wide.reduce((most, row) => (ends || at < row.length - 1 ? Math.max(most, row[at] ?? 0) : most), 0),
  )
  return safe.map((row, index) => {
    let line = ''
    for (const [at, columnWidth] of widths.entries()) {
      const cell = row[at] ?? ''
      const rest = ' '.repeat(Math.max(0, columnWidth - (wide[index]?.[at] ?? 0)))
      line += `${at === 0 ? '' : '  '}${toRight[at] === true ? rest + cell : cell + rest}`
    }
    return line.trimEnd()
  })
}
