import { useInput, usePaste } from 'ink'
import { useLayoutEffect, useRef, useState } from 'react'
import { presses, type Press } from './keyboard.ts'

/**
 * Hands over one press or paste at a time, each in a turn of its own, whether they came in one read or in several, so
 * that each meets the screen the one before it left.
 */
export function usePresses(
  handle: (press: Press) => void,
  paste: (text: string) => void,
  writing: () => boolean,
): void {
  const latest = useRef({ handle, paste })
  useLayoutEffect(() => {
    latest.current = { handle, paste }
  })
  const queue = useRef<(() => void)[]>([])
  const busy = useRef(false)
  const [drawn, setDrawn] = useState(0)
  const next = (): void => {
    const work = queue.current.shift()
    busy.current = work !== undefined
    if (work === undefined) return
    work()
    setDrawn((old) => old + 1)
  }
  // What a press has changed is drawn together with this count, and only then comes the next one.
  useLayoutEffect(() => {
    if (drawn > 0) setImmediate(next)
    // oxlint-disable-next-line react/exhaustive-deps -- once a press
  }, [drawn])
  const take = (works: readonly (() => void)[]): void => {
    queue.current.push(...works)
    if (!busy.current) next()
  }
  // Within one read: an enter right behind an esc was meant for what the esc has left.
  const left = useRef(false)
  useInput((input, key) => {
    if (key.eventType === 'release') return
    const all = presses(input, key, !writing())
    const kept = left.current && all[0]?.name === 'enter' ? all.slice(1) : all
    left.current = (left.current && kept.length === 0) || kept.at(-1)?.name === 'esc'
    setImmediate(() => (left.current = false))
    take(kept.map((press) => () => latest.current.handle(press)))
  })
  usePaste((text) => take([() => latest.current.paste(text)]))
}
