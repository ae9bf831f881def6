import { useAnimation } from 'ink'
import { useEffect, useState } from 'react'
import { useStage } from '../stage.ts'
import { glyph, SPINNER } from '../theme.ts'

const LATE_MS = 300

/** The spinner's character; a still pointer in the first 300 ms, and always for screen readers. */
export function useSpinner(active: boolean): string {
  const { spoken } = useStage()
  const [late, setLate] = useState(false)
  useEffect(() => {
    if (!active || spoken) return
    const timer = setTimeout(() => setLate(true), LATE_MS)
    return () => {
      clearTimeout(timer)
      setLate(false)
    }
  }, [active, spoken])
  const { frame } = useAnimation({ interval: 120, isActive: active && late })
  return active && late ? (SPINNER[frame % SPINNER.length] ?? glyph.pointer) : glyph.pointer
}
