import type { Pool } from './pool.ts'

/** Tells a few times a second how many bytes a pool's jobs have counted, and once more at the end. */
export function watchCount(pool: Pool, onBytes: ((done: number) => void) | undefined): { end(): void } {
  let told = 0
  const tell = (): void => {
    const done = pool.counted()
    if (done === told) return
    told = done
    onBytes?.(done)
  }
  const timer = setInterval(tell, 100)
  timer.unref()
  return {
    end() {
      clearInterval(timer)
      tell()
    },
  }
}
