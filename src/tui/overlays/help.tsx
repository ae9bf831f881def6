import type { ReactNode } from 'react'
import { line, muted, pad, t } from '../line.ts'
import { bindingsAt, type Binding } from '../keys.ts'
import { FindOverlay, type Found } from '../parts/find-overlay.tsx'
import { reasonOff } from '../parts/footer.ts'
import { useStage } from '../stage.ts'
import { glyph } from '../theme.ts'

/** The keys of the place below, found by typing, done by enter. */
export function Help(): ReactNode {
  const stage = useStage()
  const place = stage.nav.stack.at(-1)?.place ?? 'dashboard'
  const here = stage.layers.entries.findLast((entry) => !entry.over)?.layer.off
  const off = (each: Binding): string | null => reasonOff(each, stage.situation, here)
  const find = (text: string): readonly Binding[] =>
    bindingsAt(place).filter((each) =>
      `${each.shown} ${each.keys.join(' ')} ${each.label} ${each.does}`.toLowerCase().includes(text.toLowerCase()),
    )
  const run = (chosen: Binding): void => {
    const reason = off(chosen)
    if (reason !== null) return stage.toast(`${chosen.shown} is off: ${reason}.`)
    stage.go({ do: 'over', overlay: null })
    stage.act(chosen.id)
  }
  return (
    <FindOverlay
      place="help"
      crumb="Keys"
      title="The keys of this place"
      prompt={muted('Find  ')}
      widest={76}
      find={find}
      row={(each, selected) => keyRow(each, selected, off(each))}
      run={run}
      none="No key like that here."
    />
  )
}

function keyRow(binding: Binding, selected: boolean, off: string | null): Found {
  const pointer = t(selected ? `${glyph.pointer} ` : '  ', 'key')
  const keys = pad(t(binding.shown, off === null ? 'key' : 'muted'), 8)
  const says = off === null ? binding.does : `${binding.does} (off: ${off})`
  return { head: line(pointer, keys), says, role: off === null ? 'text' : 'muted' }
}
