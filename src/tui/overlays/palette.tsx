import type { ReactNode } from 'react'
import { line, pad, t, widthOf } from '../line.ts'
import { bindings, type ActionId } from '../keys.ts'
import { FindOverlay, type Found } from '../parts/find-overlay.tsx'
import { reasonOff } from '../parts/footer.ts'
import { useStage } from '../stage.ts'
import { glyph } from '../theme.ts'
import { goTo } from '../verbs.ts'

type Entry = { name: string; does: string; off: string | null; run(): void }

const SHARED: readonly ActionId[] = ['refresh', 'help', 'leave', 'suspend', 'glass']

/** Every command there is, with the reason why one is off. */
export function Palette(): ReactNode {
  const stage = useStage()
  const { deck, go } = stage
  const find = (text: string): readonly Entry[] => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean)
    return [...verbs(), ...commands(), ...themes()]
      .filter((each) => words.every((word) => `${each.name} ${each.does}`.toLowerCase().includes(word)))
      .toSorted((a, b) => distance(a.name, words) - distance(b.name, words))
  }

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
  const run = (chosen: Entry): void => {
    if (chosen.off !== null) return stage.toast(`${chosen.name} is off: ${chosen.off}.`)
    go({ do: 'over', overlay: null })
    chosen.run()
  }
  return (
    <FindOverlay
      place="palette"
      crumb="Command"
      title="Commands"
      prompt={t(': ', 'key')}
      widest={84}
      find={find}
      row={entryRow}
      run={run}
      none="No command like that."
    />
  )
}

/** How far a name is from what was typed: a command that merely speaks of a word never stands before the one named so. */
function distance(name: string, words: readonly string[]): number {
  const typed = words.join(' ')
  if (name.startsWith(typed)) return name === typed ? 0 : 1
  return words.every((word) => name.includes(word)) ? 2 : 3
}

/** The name of the selected one is shown whole. */
function entryRow(entry: Entry, selected: boolean): Found {
  const pointer = t(selected ? `${glyph.pointer} ` : '  ', 'key')
  const name = t(entry.name, entry.off === null ? 'text' : 'muted', selected)
  return {
    head: line(pointer, pad(name, selected ? Math.max(NAME, widthOf(name)) : NAME), '  '),
    says: entry.off === null ? entry.does : `off: ${entry.off}`,
    role: entry.off === null ? 'text' : 'muted',
  }
}

const NAME = 18
