export type Size = {
  columns: number
  rows: number
  /** Rows between the two rules. */
  body: number
  /** Columns of the screen proper; a detail pane takes the rest when `pane` is above 0. */
  left: number
  pane: number
}

export const FLOOR = { columns: 60, rows: 16 }
/** From this many columns on, a detail pane follows the selection. */
export const WIDE = 110
const LEFT = 68
/** Columns between the list and the pane beside it. */
const GAP = 3

export function sizeOf(columns: number, rows: number, spoken = false): Size {
  // A voice has no columns: the detail follows the list, in lines of a readable length.
  if (spoken) return { columns, rows: 200, body: 196, left: 80, pane: 76 }
  const wide = columns >= WIDE
  return { columns, rows, body: rows - 4, left: wide ? LEFT : columns, pane: wide ? columns - LEFT - GAP : 0 }
}

/** Whether there is room for one sentence alone. */
export function isTooSmall({ columns, rows }: Pick<Size, 'columns' | 'rows'>): boolean {
  return columns < FLOOR.columns || rows < FLOOR.rows
}
