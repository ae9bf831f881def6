import { bindingsAt, type ActionId, type Binding } from '../keys.ts'
import type { Situation } from '../keys-off.ts'
import { empty, line, muted, t, widthOf, type Line } from '../line.ts'
import type { Place } from '../nav.ts'

type Wants = {
  place: Place
  situation: Situation
  columns: number
  /** Text before the keys, such as "2 of 4 pass". */
  lead?: Line
  off?: Partial<Record<ActionId, string | null>>
  /** Keys that mean nothing here now, such as esc on the first screen. */
  without?: readonly ActionId[]
  labels?: Partial<Record<ActionId, string>>
}

/** The footer of keys: generated from the table, the least needed left out until it fits. */
export function footer(wants: Wants): Line {
  let shown = bindingsAt(wants.place).filter((each) => each.weight !== undefined && !wants.without?.includes(each.id))
  const lead = wants.lead && widthOf(wants.lead) > 0 ? line(' ', wants.lead) : empty
  // A word of this place's own means that the key matters here.
  const weight = (each: Binding): number =>
    wants.labels?.[each.id] ? Math.max(7.5, each.weight ?? 0) : (each.weight ?? 0)
  for (;;) {
    const keys = shown.flatMap((each, index) => line(index === 0 && lead.length === 0 ? ' ' : '  ', word(each, wants)))
    const whole = line(lead, keys)
    if (widthOf(whole) <= wants.columns || shown.length === 0) return whole
    const least = Math.min(...shown.map(weight))
    shown = shown.toSpliced(
      shown.findLastIndex((each) => weight(each) === least),
      1,
    )
  }
}

function word(binding: Binding, wants: Wants): Line {
  const off = reasonOff(binding, wants.situation, wants.off)
  const label = wants.labels?.[binding.id] ?? binding.label
  const rest = label === '' ? '' : ` ${label}`
  return off === null ? line(t(binding.shown, 'key'), rest) : muted(binding.shown + rest)
}

/** The footer while a filter is being written: every other key is a letter of it. */
export function writingFooter(): Line {
  return line(' ', t('enter', 'key'), ' keep the filter  ', t('esc', 'key'), ' clear it')
}

/** Why a key is off here and now; null when it is not. */
export function reasonOff(binding: Binding, situation: Situation, here: Wants['off']): string | null {
  return here?.[binding.id] ?? binding.off?.(situation) ?? null
}
