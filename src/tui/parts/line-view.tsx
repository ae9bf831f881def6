import { Text } from 'ink'
import type { ReactNode } from 'react'
import { plain, type Line } from '../line.ts'
import { useStage } from '../stage.ts'
import { toAscii } from '../theme.ts'

/** One row. An empty one is drawn as a space, for Ink gives an empty text no row. */
export function LineView({ spans }: { spans: Line }): ReactNode {
  const { theme } = useStage()
  const text = plain(spans)
  if (text.trim() === '') return <Text>{text === '' ? ' ' : text}</Text>
  return (
    <Text wrap="truncate">
      {spans.map((span, index) => (
        <Text key={index} {...theme.looks[span.role]} bold={span.bold && theme.bold}>
          {theme.ascii ? toAscii(span.text) : span.text}
        </Text>
      ))}
    </Text>
  )
}
