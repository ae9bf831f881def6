import { line, muted, pad, strong, t, widthOf, type Line } from '../line.ts'

/** Lines in a rounded box; overlays only. `columns` counts the box itself. */
export function boxed(title: string, lines: readonly Line[], columns: number): Line[] {
  const inner = columns - 4
  const head = pad(strong(title), Math.min(inner - 2, widthOf(t(title))))
  const rule = '─'.repeat(Math.max(0, columns - 5 - widthOf(head)))
  return [
    line(muted('╭─ '), head, muted(` ${rule}╮`)),
    ...lines.map((each) => line(muted('│ '), pad(each, inner), muted(' │'))),
    line(muted(`╰${'─'.repeat(columns - 2)}╯`)),
  ]
}

/** The box two columns from the left edge, one row from the top. */
export function placed(box: readonly Line[]): Line[] {
  return [[], ...box.map((each) => line('  ', each))]
}
