import { useState, type ReactNode } from 'react'
import { wrap } from '../../core/text.ts'
import { applyText, useKeys } from '../layers.ts'
import { fit, line, muted, spread, t, widthOf, type Line, type Role } from '../line.ts'
import { useSize, useStage } from '../stage.ts'
import { windowStart } from '../window.ts'
import { boxed, placed } from './boxed.ts'
import { footer } from './footer.ts'
import { Page } from './page.tsx'

export type Found = { head: Line; says: string; role: Role }

type Props<T> = {
  place: 'help' | 'palette'
  crumb: string
  title: string
  /** What stands before the text that is typed. */
  prompt: Line
  /** Columns of the box, where there is room for them. */
  widest: number
  find(text: string): readonly T[]
  /** What stands before an item's words, and its words: those of the selected one are shown whole. */
  row(item: T, selected: boolean): Found
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
  const inner = columns - 4
  const selected = chosen === undefined ? [] : whole(row(chosen, true), inner)
  const room = Math.max(1, size.body - 5 - Math.max(0, selected.length - 1))
  const first = windowStart(index, list.length, room)
  const shown = list.slice(first, first + room)
  const rows = shown.flatMap((each, offset) => {
    if (first + offset === index) return selected
    const { head, says, role } = row(each, false)
    return [fit(line(head, t(says, role)), inner)]
  })
  const lines = [
    spread(line(prompt, text, '_'), seen(first, shown.length, list.length), inner),
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

/** A row in as many lines as its words need, three at most, what follows under what stands first. */
function whole({ head, says, role }: Found, columns: number): Line[] {
  const before = widthOf(head)
  return wrap(says, columns - before)
    .slice(0, 3)
    .map((text, index) => line(index === 0 ? head : ' '.repeat(before), t(text, role)))
}

/** Which of a list is shown: "1 to 15 of 24"; nothing while all of it is there. */
function seen(first: number, shown: number, all: number): Line {
  return shown >= all ? [] : muted(`${first + 1} to ${first + shown} of ${all}`)
}
