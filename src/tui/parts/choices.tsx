import SelectInput from 'ink-select-input'
import type { ReactNode } from 'react'
import { t } from '../line.ts'
import { glyph } from '../theme.ts'
import { LineView } from './line-view.tsx'
import type { Row } from './page.tsx'

type Choice = { id: string; says: string }

type Wants = {
  choices: readonly Choice[]
  onSelect(id: string): void
  onHighlight?(id: string): void
  focused?: boolean
}

/** A few ways to go on, as a row of the page. enter takes one; none of them acts by itself. */
export function choices(wants: Wants): Row {
  return { node: <Choices {...wants} />, rows: wants.choices.length, says: wants.choices.map((each) => each.says) }
}

function Choices({ choices: all, onSelect, onHighlight, focused = true }: Wants): ReactNode {
  return (
    <SelectInput
      items={all.map((each) => ({ key: each.id, label: each.says, value: each.id }))}
      isFocused={focused}
      indicatorComponent={Pointer}
      itemComponent={Item}
      onSelect={(item) => onSelect(item.value)}
      onHighlight={(item) => onHighlight?.(item.value)}
    />
  )
}

function Pointer({ isSelected = false }: { isSelected?: boolean }): ReactNode {
  return <LineView spans={t(isSelected ? `${glyph.pointer} ` : '  ', 'key')} />
}

function Item({ isSelected = false, label }: { isSelected?: boolean; label: string }): ReactNode {
  return <LineView spans={t(label, 'text', isSelected)} />
}
