import { useState, type ReactNode } from 'react'
import { applyText, useKeys } from '../layers.ts'
import { line, muted, spread, type Line } from '../line.ts'
import { useSize, useStage } from '../stage.ts'
import { windowStart } from '../window.ts'
import { boxed, placed } from './boxed.ts'
import { footer } from './footer.ts'
import { Page } from './page.tsx'

type Props<T> = {
  place: 'help' | 'palette'
  crumb: string
  title: string
  /** What stands before the text that is typed. */
  prompt: Line
  /** Columns of the box, where there is room for them. */
  widest: number
  find(text: string): readonly T[]
  row(item: T, selected: boolean): Line
  run(item: T): void
  /** What is said when nothing is found. */
  none: string
}

/** A list in a box: found by typing, done by enter. */
export function FindOverlay<T>({ place, crumb, title, prompt, widest, find, row, run, none }: Props<T>): ReactNode {
  const { situation } = useStage()
  const size = useSize()
  const columns = Math.min(size.columns - 4, widest)
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const list = find(text)
  const index = Math.min(at, Math.max(0, list.length - 1))
  const chosen = list[index]
  const by = (step: number) => () => setAt(Math.max(0, Math.min(list.length - 1, index + step)))
  useKeys(
    {
      place,
      handlers: {
        up: by(-1),
        down: by(1),
        pageUp: by(-8),
        pageDown: by(8),
        home: by(-99),
        end: by(99),
        open: () => chosen !== undefined && run(chosen),
      },
      write: (change) => {
        setText((old) => applyText(old, change))
        setAt(0)
      },
    },
    { over: true },
  )
  const room = Math.max(1, size.body - 5)
  const first = windowStart(index, list.length, room)
  const rows = list.slice(first, first + room).map((each, offset) => row(each, first + offset === index))
  const lines = [
    spread(line(prompt, text, '_'), seen(first, rows.length, list.length), columns - 4),
    ...rows,
    ...(list.length === 0 ? [muted(none)] : []),
  ]
  return (
    <Page
      over
      crumb={crumb}
      body={placed(boxed(title, lines, columns))}
      footer={footer({
        place,
        situation,
        columns: size.columns,
        lead: muted('type to find'),
        labels: { open: 'do it' },
        without: ['help', 'palette', 'copy', 'leave', 'filter'],
      })}
    />
  )
}

/** Which of a list is shown: "1 to 15 of 24"; nothing while all of it is there. */
function seen(first: number, shown: number, all: number): Line {
  return shown >= all ? [] : muted(`${first + 1} to ${first + shown} of ${all}`)
}
