import { Box } from 'ink'
import type { ReactNode } from 'react'
import { empty, line, plain, type Line } from '../line.ts'
import { isTooSmall } from '../size.ts'
import { useSize, useStage } from '../stage.ts'
import { LineView } from './line-view.tsx'
import { frameOf, joined, nameLine, tooSmall, type Content } from './page-lines.ts'
import { Spoken } from './spoken.tsx'

/** A row of text, or a component that takes `rows` of them. */
export type Row = Line | { node: ReactNode; rows: number; says: readonly string[] }

/** `over` is set by overlays: while one is open, the screen below stays alive but is not drawn. */
type Props = Content<Row> & { over?: boolean }

const isLine = (row: Row): row is Line => Array.isArray(row)
const rowsOf = (row: Row): number => (isLine(row) ? 1 : row.rows)

/** The whole terminal: header, rule, body, rule, footer; exactly as many rows as there are. */
export function Page(props: Props): ReactNode {
  const { deck, demo, nav, spoken } = useStage()
  const size = useSize()
  const setting = { ...deck, demo, toast: nav.toast, pane: nav.pane }
  if (nav.overlay !== null && props.over !== true) return null
  if (spoken) {
    const header = line(nameLine(setting, props), ' ', props.right ?? empty)
    return <Spoken lines={spokenLines(header, props, nav.toast)} />
  }
  if (isTooSmall(size)) return <Box flexDirection="column">{views(tooSmall(size))}</Box>
  const { head, body, foot, left } = frameOf<Row>(props, setting, size, rowsOf)
  return (
    <Box flexDirection="column" width={size.columns} height={size.rows} overflow="hidden">
      {views(head)}
      {body.map((drawn, index) =>
        isLine(drawn.row) ? (
          <LineView key={index} spans={joined(drawn.row, drawn, left)} />
        ) : (
          <Box key={index} height={drawn.row.rows} flexShrink={0}>
            <Box width={left} flexShrink={0} overflow="hidden">
              {drawn.row.node}
            </Box>
            <Box flexDirection="column">{views(drawn.beside)}</Box>
          </Box>
        ),
      )}
      {views(foot)}
    </Box>
  )
}

function views(lines: readonly Line[]): ReactNode[] {
  return lines.map((spans, index) => <LineView key={index} spans={spans} />)
}

function spokenLines(header: Line, props: Props, toast: string | null): string[] {
  const rows = [...props.body, ...(props.detail?.() ?? [])].flatMap((row) => (isLine(row) ? [plain(row)] : row.says))
  return [plain(header), ...rows, ...(toast === null ? [] : [toast]), `Keys: ${plain(props.footer).trim()}`].map(
    (text) => text.trim(),
  )
}
