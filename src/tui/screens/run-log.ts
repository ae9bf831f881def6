import type { RunView } from '../../core/deck.ts'
import type { Step } from '../../core/plan.ts'
import type { RunEvent } from '../../core/run-event.ts'
import { clean, wrap } from '../../core/text.ts'
import { fit, line, muted, t, widthOf, type Line } from '../line.ts'
import { glyph } from '../theme.ts'

const rule = (count: number): string => glyph.rule.repeat(Math.max(0, count))

/** `── netlify ──────────── following ──` */
export function paneRule(name: string, state: string, columns: number): Line {
  const left = fit(line(muted(rule(2)), ` ${name} `), columns - state.length - 6)
  const right = state === '' ? [] : line(` ${state} `, muted(rule(2)))
  return line(left, muted(rule(columns - widthOf(left) - widthOf(right))), right)
}

/**
 * The newest lines of a step and those inside it, of all steps when none is selected: only what can be seen is looked
 * at, from the end. A long one takes at most `most` rows, while there is room for all.
 */
export function logLines(view: RunView, selected: string, columns: number, count: number, most = 1): Line[] {
  const ids = selected === '' ? null : inside([...view.plan.steps, ...view.plan.always], selected)
  const lines: Line[] = []
  for (let index = view.events.length - 1; index >= 0 && lines.length < count; index -= 1) {
    const event = view.events[index]
    if (event?.t !== 'line' || (ids !== null && !ids.has(event.step))) continue
    lines.push(...rowsOf(event, columns, most).toReversed())
  }
  // Where there is not room for all of it, more lines say more than whole ones.
  if (most > 1 && lines.length >= count) return logLines(view, selected, columns, count)
  return lines.toReversed()
}

function rowsOf(event: Extract<RunEvent, { t: 'line' }>, columns: number, most: number): Line[] {
  // A whole object id fills half a row, and says no more than its beginning.
  const text = event.text.replace(/\b([0-9a-f]{7})[0-9a-f]{33}\b/g, '$1')
  const said = most === 1 ? [text] : wrap(clean(text), columns - 12)
  return said
    .slice(0, most)
    .map((row, index) =>
      fit(
        line(
          muted(index === 0 ? `  ${event.at.slice(11, 19)}  ` : ' '.repeat(12)),
          t(index === most - 1 && said.length > most ? `${row} …` : row, event.from === 'err' ? 'attention' : 'text'),
        ),
        columns,
      ),
    )
}

function inside(steps: readonly Step[], id: string): ReadonlySet<string> {
  const all = (step: Step): string[] => [step.id, ...(step.steps ?? []).flatMap(all)]
  const find = (list: readonly Step[]): Step | undefined =>
    list.find((step) => step.id === id) ?? list.map((step) => find(step.steps ?? [])).find(Boolean)
  const found = find(steps)
  return new Set(found === undefined ? [id] : all(found))
}
