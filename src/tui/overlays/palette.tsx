import { useState, type ReactNode } from 'react'
import { applyText, useKeys } from '../layers.ts'
import { line, muted, pad, spread, t, type Line } from '../line.ts'
import { bindings, type ActionId } from '../keys.ts'
import { boxed, placed, seen } from '../parts/boxed.ts'
import { footer, reasonOff } from '../parts/footer.ts'
import { Page } from '../parts/page.tsx'
import { useSize, useStage } from '../stage.ts'
import { glyph } from '../theme.ts'
import { windowStart } from '../window.ts'
import { goTo } from '../verbs.ts'

type Entry = { name: string; does: string; off: string | null; run(): void }

const SHARED: readonly ActionId[] = ['refresh', 'help', 'leave', 'suspend', 'glass']

/** Every command there is, with the reason why one is off. */
export function Palette(): ReactNode {
  const stage = useStage()
  const { deck, go } = stage
  const size = useSize()
  const columns = Math.min(size.columns - 4, 84)
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const list = [...verbs(), ...commands(), ...themes()]
    .filter((each) => words.every((word) => `${each.name} ${each.does}`.toLowerCase().includes(word)))
    .toSorted((a, b) => distance(a.name, words) - distance(b.name, words))
  const index = Math.min(at, Math.max(0, list.length - 1))
  const by = (step: number) => () => setAt(Math.max(0, Math.min(list.length - 1, index + step)))

  function verbs(): Entry[] {
    const acts = goTo(stage)
    return bindings
      .filter((each) => each.id in acts || SHARED.includes(each.id))
      .map((each) => ({
        name: each.label === '' ? each.id : each.label,
        does: `${each.does}  (${each.shown})`,
        off: reasonOff(each, stage.situation, undefined),
        run: () => (acts[each.id] ?? (() => stage.act(each.id)))(),
      }))
  }
  function commands(): Entry[] {
    return deck.commands().map((each) => ({
      ...each,
      run: () =>
        go({
          do: 'open',
          screen: { place: 'reader', title: `knowngood ${each.name}`, load: () => deck.read(each.name), atEnd: false },
        }),
    }))
  }
  function themes(): Entry[] {
    const now = deck.preferences.get().theme
    return (['auto', 'light', 'dark'] as const).map((theme) => ({
      name: `theme ${theme}`,
      does: 'colours for this terminal',
      off: theme === now ? 'it is the one in use' : null,
      run: () => stage.chooseTheme(theme),
    }))
  }
  const run = (): void => {
    const chosen = list[index]
    if (chosen === undefined) return
    if (chosen.off !== null) return stage.toast(`${chosen.name} is off: ${chosen.off}.`)
    go({ do: 'over', overlay: null })
    chosen.run()
  }
  useKeys(
    {
      place: 'palette',
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
  const rows = list.slice(first, first + room).map((each, row) => entryRow(each, first + row === index))
  const lines = [
    spread(line(t(': ', 'key'), text, '_'), seen(first, rows.length, list.length), columns - 4),
    ...rows,
    ...(list.length === 0 ? [muted('No command like that.')] : []),
  ]
  return (
    <Page
      over
      crumb="Command"
      body={placed(boxed('Commands', lines, columns))}
      footer={footer({
        place: 'palette',
        situation: stage.situation,
        columns: size.columns,
        lead: muted('type to find'),
        labels: { open: 'do it' },
        without: ['help', 'palette', 'copy', 'leave', 'filter'],
      })}
    />
  )
}

/** How far a name is from what was typed: a command that merely speaks of a word never stands before the one named so. */
function distance(name: string, words: readonly string[]): number {
  const typed = words.join(' ')
  if (name.startsWith(typed)) return name === typed ? 0 : 1
  return words.every((word) => name.includes(word)) ? 2 : 3
}

function entryRow(entry: Entry, selected: boolean): Line {
  const pointer = t(selected ? `${glyph.pointer} ` : '  ', 'key')
  const name = pad(t(entry.name, entry.off === null ? 'text' : 'muted', selected), 18)
  return line(pointer, name, '  ', entry.off === null ? entry.does : muted(`off: ${entry.off}`))
}
