import { useState, type ReactNode } from 'react'
import { applyText, useKeys } from '../layers.ts'
import { line, muted, pad, spread, t, type Line } from '../line.ts'
import { bindingsAt, type Binding } from '../keys.ts'
import { boxed, placed, seen } from '../parts/boxed.ts'
import { footer, reasonOff } from '../parts/footer.ts'
import { Page } from '../parts/page.tsx'
import { useSize, useStage } from '../stage.ts'
import { glyph } from '../theme.ts'
import { windowStart } from '../window.ts'

/** The keys of the place below, found by typing, done by enter. */
export function Help(): ReactNode {
  const stage = useStage()
  const size = useSize()
  const columns = Math.min(size.columns - 4, 76)
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const place = stage.nav.stack.at(-1)?.place ?? 'dashboard'
  const here = stage.layers.entries.findLast((entry) => !entry.over)?.layer.off
  const wanted = text.toLowerCase()
  const list = bindingsAt(place).filter((each) =>
    `${each.shown} ${each.keys.join(' ')} ${each.label} ${each.does}`.toLowerCase().includes(wanted),
  )
  const index = Math.min(at, Math.max(0, list.length - 1))
  const chosen = list[index]
  const by = (step: number) => () => setAt(Math.max(0, Math.min(list.length - 1, index + step)))
  const run = (): void => {
    if (chosen === undefined) return
    const reason = reasonOff(chosen, stage.situation, here)
    if (reason !== null) return stage.toast(`${chosen.shown} is off: ${reason}.`)
    stage.go({ do: 'over', overlay: null })
    stage.act(chosen.id)
  }
  useKeys(
    {
      place: 'help',
      handlers: { up: by(-1), down: by(1), pageUp: by(-8), pageDown: by(8), home: by(-99), end: by(99), open: run },
      write: (change) => {
        setText((old) => applyText(old, change))
        setAt(0)
      },
    },
    { over: true },
  )
  const room = Math.max(1, size.body - 5)
  const first = windowStart(index, list.length, room)
  const rows = list
    .slice(first, first + room)
    .map((each, row) => keyRow(each, first + row === index, reasonOff(each, stage.situation, here)))
  const lines = [
    spread(line(muted('Find  '), text, '_'), seen(first, rows.length, list.length), columns - 4),
    ...rows,
    ...(list.length === 0 ? [muted('No key like that here.')] : []),
  ]
  return (
    <Page
      over
      crumb="Keys"
      body={placed(boxed('The keys of this place', lines, columns))}
      footer={footer({
        place: 'help',
        situation: stage.situation,
        columns: size.columns,
        lead: muted('type to find'),
        labels: { open: 'do it' },
        without: ['help', 'palette', 'copy', 'leave', 'filter'],
      })}
    />
  )
}

function keyRow(binding: Binding, selected: boolean, off: string | null): Line {
  const pointer = t(selected ? `${glyph.pointer} ` : '  ', 'key')
  const keys = pad(t(binding.shown, off === null ? 'key' : 'muted'), 8)
  return off === null ? line(pointer, keys, binding.does) : line(pointer, keys, muted(`${binding.does} (off: ${off})`))
}
