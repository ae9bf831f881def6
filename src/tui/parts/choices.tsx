import SelectInput from 'ink-select-input'
import type { ReactNode } from 'react'
import type { Handlers } from '../layers.ts'
import { t } from '../line.ts'
import { glyph } from '../theme.ts'
import { useFreshCursor } from '../use-cursor.ts'
import { LineView } from './line-view.tsx'
import type { Row } from './page.tsx'

type Choice<Id> = { id: Id; says: string }

export type Choices<Id> = {
  /** The one that is pointed at; undefined while there is none. */
  chosen: Id | undefined
  /** For the place's own keys: nothing else listens, so these work where nothing is drawn as well. */
  handlers: Handlers
  row: Row
}

/** A few ways to go on, as a row of the page. enter takes one; none of them acts by itself. */
export function useChoices<Id extends string>(all: readonly Choice<Id>[], take: (id: Id) => void): Choices<Id> {
  const cursor = useFreshCursor(all.length)
  const at = all[cursor.index]
  const says = all.map((each) => each.says)
  return {
    chosen: at?.id,
    handlers: { ...cursor.handlers, open: () => at !== undefined && take(at.id) },
    row: {
      node: <Drawn all={all} index={cursor.index} />,
      rows: all.length,
      // A line of its own, so that a voice hears the choice again whenever it moves, and nothing else.
      says: at === undefined ? says : [...says, `Selected: ${at.says.replace(/\s+/g, ' ')}`],
    },
  }
}

/** It keeps the choice to itself once it stands, so each choice is a new one, and it hears no key. */
function Drawn({ all, index }: { all: readonly Choice<string>[]; index: number }): ReactNode {
  return (
    <SelectInput
      key={`${index} of ${all.map((each) => each.id).join(' ')}`}
      items={all.map((each) => ({ key: each.id, label: each.says, value: each.id }))}
      initialIndex={index}
      isFocused={false}
      indicatorComponent={Pointer}
      itemComponent={Item}
    />
  )
}

function Pointer({ isSelected = false }: { isSelected?: boolean }): ReactNode {
  return <LineView spans={t(isSelected ? `${glyph.pointer} ` : '  ', 'key')} />
}

function Item({ isSelected = false, label }: { isSelected?: boolean; label: string }): ReactNode {
  return <LineView spans={t(label, 'text', isSelected)} />
}
