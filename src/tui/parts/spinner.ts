import { useEffect, useReducer, useState } from 'react'
import { useStage } from '../stage.ts'
import { glyph, SPINNER } from '../theme.ts'

const LATE_MS = 300
const TURN_MS = 120

/**
 * The spinner's character; a still pointer in the first 300 ms, and always for screen readers. Whatever else redraws the
 * screen turns it along: it asks for a frame of its own only when there was none.
 */
export function useSpinner(active: boolean): string {
  const { spoken } = useStage()
  const [late, setLate] = useState(false)
  const [, turn] = useReducer((turns: number) => turns + 1, 0)
  const turning = active && late
  useEffect(() => {
    if (!active || spoken) return
    const timer = setTimeout(() => setLate(true), LATE_MS)
    return () => {
      clearTimeout(timer)
      setLate(false)
    }
  }, [active, spoken])
  // oxlint-disable-next-line react/exhaustive-deps -- after every frame, so that the wait begins anew
  useEffect(() => {
    if (!turning) return
    const timer = setTimeout(turn, TURN_MS)
    return () => clearTimeout(timer)
  })
  // oxlint-disable-next-line react/purity -- it shows nothing but the clock
  const at = Math.floor(performance.now() / TURN_MS) % SPINNER.length
  return turning ? (SPINNER[at] ?? glyph.pointer) : glyph.pointer
}
