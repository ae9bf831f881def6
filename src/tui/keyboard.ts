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
  // A terminal that tells of alt by a code of its own gives an event with it; any other means these two keys, or alt.
  if (key.meta && key.eventType === undefined) return behindEsc(presses(input, { ...key, meta: false }, lines), lines)
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

/**
 * Esc and a key right behind it reach the terminal as that key with alt. No key is bound to alt, so it is esc, and then
 * the key. An enter is let go: whatever it was meant for is no longer there. Alt with backspace is one key in a field.
 */
function behindEsc(behind: readonly Press[], lines: boolean): Press[] {
  if (!lines && behind[0]?.name === 'backspace') return [...behind]
  return [{ name: 'esc', text: '' }, ...behind.filter(({ name }) => name !== 'enter')]
}
