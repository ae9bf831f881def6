import { useState } from 'react'
import type { Handlers } from './layers.ts'
import { useRemembered } from './stage.ts'

export type Cursor = { index: number; handlers: Handlers; set(index: number): void }

/** The pointer in a list of `count` rows, `page` of them visible; remembered under its name. */
export function useCursor(name: string, count: number, page: number, start = 0): Cursor {
  return cursorOf(...useRemembered(`cursor ${name}`, start), count, page)
}

/** As `useCursor`, for a list that is seen whole; it begins at the first row each time its place is opened. */
export function useFreshCursor(count: number): Cursor {
  return cursorOf(...useState(0), count, count)
}

function cursorOf(
  index: number,
  setIndex: (change: (old: number) => number) => void,
  count: number,
  page: number,
): Cursor {
  const clamp = (value: number): number => Math.max(0, Math.min(count - 1, value))
  const by = (step: number) => () => setIndex((old) => clamp(clamp(old) + step))
  return {
    index: clamp(index),
    // Not held to today's rows: the list may be about to arrive.
    set: (value) => setIndex(() => Math.max(0, value)),
    handlers: {
      up: by(-1),
      down: by(1),
      pageUp: by(-Math.max(1, page - 1)),
      pageDown: by(Math.max(1, page - 1)),
      home: by(-count),
      end: by(count),
    },
  }
}
