import { useLayoutEffect, useRef } from 'react'
import { graphemes } from '../core/text.ts'
import type { ActionId } from './keys.ts'
import type { Press } from './keyboard.ts'
import type { Place } from './nav.ts'
import { useStage } from './stage.ts'

export type Handlers = Partial<Record<ActionId, () => void>>

/** What takes keys: the screen, or the overlay above it. */
export type Layer = {
  place: Place
  handlers: Handlers
  /** Reasons of this place why one of its keys is off just now. */
  off?: Partial<Record<ActionId, string | null>>
  /** Set while a text field is being written: takes every printable key. */
  write?: (change: TextChange) => void
}

export type TextChange = { insert: string } | { erase: 'character' | 'word' | 'all' }

type Entry = { layer: Layer; over: boolean; guardUntil: number }

/** The open layers; an overlay lies above every screen, whichever was drawn last. */
export type Layers = {
  entries: Entry[]
  top(): Entry | undefined
  /** The clock guards go by, ms; it never goes back. */
  clock(): number
}

export function makeLayers(clock: () => number): Layers {
  const entries: Entry[] = []
  return { entries, top: () => entries.findLast((entry) => entry.over) ?? entries.at(-1), clock }
}

const GUARD_MS = 300

/** Registers what the keys do here. With `guard`, none counts in the first 300 ms: a key still held from before. */
export function useKeys(layer: Layer, options: { over?: boolean; guard?: boolean } = {}): void {
  const { layers } = useStage()
  const entry = useRef<Entry>({ layer, over: options.over === true, guardUntil: 0 })
  const guard = options.guard === true
  useLayoutEffect(() => {
    entry.current.layer = layer
  })
  useLayoutEffect(() => {
    const mine = entry.current
    mine.guardUntil = guard ? layers.clock() + GUARD_MS : 0
    layers.entries.push(mine)
    return () => {
      layers.entries.splice(layers.entries.indexOf(mine), 1)
    }
  }, [layers, guard])
}

/** How a press changes a text field; null when it is no writing. */
export function textChange(press: Press): TextChange | null {
  if (press.name === 'backspace') return { erase: 'character' }
  if (press.name === 'ctrl-w') return { erase: 'word' }
  if (press.name === 'ctrl-u') return { erase: 'all' }
  return press.text === '' ? null : { insert: press.text }
}

export function applyText(value: string, change: TextChange): string {
  if ('insert' in change) return value + change.insert
  if (change.erase === 'all') return ''
  return change.erase === 'word' ? value.replace(/\S*\s*$/, '') : graphemes(value).slice(0, -1).join('')
}
