import { setImmediate as nextTurn } from 'node:timers/promises'

/** So often (ms) others get a turn while many things are done one after the other: a key is answered meanwhile. */
const TURN_MS = 10

/** Resolves at once as long as this turn is short, and else in the next one. Made once for a loop. */
export function turnTaker(): () => Promise<void> | undefined {
  let began = performance.now()
  return () => {
    if (performance.now() - began < TURN_MS) return undefined
    return nextTurn().then(() => {
      began = performance.now()
    })
  }
}
