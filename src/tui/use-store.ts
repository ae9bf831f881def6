import { useCallback, useSyncExternalStore } from 'react'
import type { Store } from '../core/deck.ts'

/** With the clock of a running screen, which ticks once a second, that makes at most ten frames a second. */
const EVERY_MS = 115

/** Follows a store, told of changes at most once in `everyMs`: a run may say a million lines. */
export function useStore<T>(store: Store<T>, everyMs = EVERY_MS): T {
  const subscribe = useCallback(
    (listener: () => void) => {
      let timer: NodeJS.Timeout | null = null
      let told = 0
      const tell = (): void => {
        timer = null
        told = performance.now()
        listener()
      }
      const stop = store.subscribe(() => {
        if (timer !== null) return
        const wait = told + everyMs - performance.now()
        if (wait <= 0) tell()
        else timer = setTimeout(tell, wait)
      })
      return () => {
        if (timer !== null) clearTimeout(timer)
        stop()
      }
    },
    [store, everyMs],
  )
  return useSyncExternalStore(subscribe, () => store.get())
}
