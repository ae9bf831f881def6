import { Box } from 'ink'
import type { ReactNode } from 'react'
import { wrap } from '../../core/text.ts'
import { empty, fit, line, muted, plain, spread, t, type Line } from '../line.ts'
import { FLOOR, useSize, useStage } from '../stage.ts'
import { glyph } from '../theme.ts'
import { LineView } from './line-view.tsx'
import { Spoken } from './spoken.tsx'

/** A row of text, or a component that takes `rows` of them. */
export type Row = Line | { node: ReactNode; rows: number; says: readonly string[] }

type Props = {
  crumb?: string
  /** At the right of the header. */
  right?: Line
  body: readonly Row[]
  footer: Line
  /** What the pane beside the list shows on a wide terminal. */
  detail?: () => readonly Line[]
  rule?: 'single' | 'double'
  /** Set by overlays: while one is open, the screen below stays alive but is not drawn. */
  over?: boolean
}

const isLine = (row: Row): row is Line => Array.isArray(row)
const rowsOf = (row: Row): number => (isLine(row) ? 1 : row.rows)

/** The whole terminal: header, rule, body, rule, footer; exactly as many rows as there are. */
export function Page(props: Props): ReactNode {
  const { deck, demo, nav, spoken } = useStage()
  const size = useSize()
  const name = line(
    ` ${deck.project} / ${deck.environment}`,
    demo && muted(' (demo)'),
    props.crumb ? ` › ${props.crumb}` : null,
  )
  if (nav.overlay !== null && props.over !== true) return null
  if (spoken) return <Spoken lines={spokenLines(line(name, ' ', props.right ?? empty), props, nav.toast)} />
  if (size.columns < FLOOR.columns || size.rows < FLOOR.rows)
    return <TooSmall columns={size.columns} rows={size.rows} />
  const rule = muted((props.rule === 'double' ? glyph.doubleRule : glyph.rule).repeat(size.columns))
  const toast = nav.toast === null ? null : fit(line('  ', t(nav.toast, 'attention')), size.columns - 2)
  const room = toast === null ? size.body : size.body - 1
  const detail = size.pane > 0 ? props.detail?.() : undefined
  const wide = detail !== undefined
  const left = wide ? size.left : size.columns
  return (
    <Box flexDirection="column" width={size.columns} height={size.rows} overflow="hidden">
      <LineView spans={spread(name, line(props.right ?? empty, ' '), size.columns)} />
      <LineView spans={rule} />
      <Box height={room}>
        <Column rows={clip(props.body, room)} width={left} count={room} />
        {wide && <Column rows={dividers(room, nav.pane !== null)} width={3} count={room} />}
        {wide && <Column rows={clip(scrolled(detail, nav.pane, room), room)} width={size.pane} count={room} />}
      </Box>
      {toast && <LineView spans={toast} />}
      <LineView spans={rule} />
      <LineView spans={fit(props.footer, size.columns)} />
    </Box>
  )
}

function Column({ rows, width, count }: { rows: readonly Row[]; width: number; count: number }): ReactNode {
  const used = rows.reduce((sum, row) => sum + rowsOf(row), 0)
  const filled = [...rows, ...Array.from({ length: Math.max(0, count - used) }, () => empty)]
  return (
    <Box flexDirection="column" width={width} height={count} overflow="hidden" flexShrink={0}>
      {filled.map((row, index) =>
        isLine(row) ? (
          <LineView key={index} spans={fit(row, width)} />
        ) : (
          <Box key={index} height={row.rows} flexShrink={0}>
            {row.node}
          </Box>
        ),
      )}
    </Box>
  )
}

function clip(rows: readonly Row[], count: number): Row[] {
  const kept: Row[] = []
  let used = 0
  for (const row of rows) {
    if (used + rowsOf(row) > count) break
    kept.push(row)
    used += rowsOf(row)
  }
  return kept
}

const dividers = (count: number, focused: boolean): Line[] =>
  Array.from({ length: count }, () => (focused ? t(' │ ', 'key') : muted(' │ ')))

function scrolled(lines: readonly Line[], top: number | null, room: number): readonly Line[] {
  return lines.slice(Math.max(0, Math.min(top ?? 0, lines.length - room)))
}

function TooSmall({ columns, rows }: { columns: number; rows: number }): ReactNode {
  const says = `This terminal is ${columns}×${rows}; the deck needs ${FLOOR.columns}×${FLOOR.rows}. knowngood status works at any size.`
  const lines = wrap(says, columns - 1).slice(0, Math.max(1, rows - 1))
  return (
    <Box flexDirection="column">
      {lines.map((text, index) => (
        <LineView key={index} spans={t(text)} />
      ))}
    </Box>
  )
}

function spokenLines(header: Line, props: Props, toast: string | null): string[] {
  const rows = [...props.body, ...(props.detail?.() ?? [])].flatMap((row) => (isLine(row) ? [plain(row)] : row.says))
  return [plain(header), ...rows, ...(toast === null ? [] : [toast]), `Keys: ${plain(props.footer).trim()}`].map(
    (text) => text.trim(),
  )
}
