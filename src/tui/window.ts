/** The first row to draw so that the selected one is in view, and near the middle of a longer list. */
export function windowStart(selected: number, count: number, rows: number): number {
  if (count <= rows) return 0
  return Math.max(0, Math.min(count - rows, selected - Math.floor(rows / 2)))
}
