import type { Key } from 'ink'

const NAMED = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pageup'],
  ['pageDown', 'pagedown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'esc'],
  ['tab', 'tab'],
  ['backspace', 'backspace'],
  ['delete', 'backspace'],
] as const satisfies readonly (readonly [keyof Key, string])[]

/** One press: its name in the binding table, and the text it would write into a field. */
export type Press = { name: string; text: string }

/**
 * What Ink hands over as one input may be several keys that came in one read ("jj"), or a paste without
 * brackets. `lines` says that newlines in such a chunk are keys; in a text field they are dropped, so that
 * nothing pasted ever submits.
 */
export function presses(input: string, key: Key, lines: boolean): Press[] {
  const named = NAMED.find(([flag]) => key[flag])
  if (named) return [{ name: named[1], text: '' }]
  if (key.ctrl) return [{ name: `ctrl-${input}`, text: '' }]
  if (key.meta) return []
  const several = input.length > 1
  return [...input].flatMap((character) => {
    if (character === '\r' || character === '\n') return lines || !several ? [{ name: 'enter', text: '' }] : []
    if (character === '\t') return [{ name: 'tab', text: '' }]
    if (character === ' ') return [{ name: 'space', text: ' ' }]
    return character < ' ' ? [] : [{ name: character, text: character }]
  })
}
