import { stat } from 'node:fs/promises'

/** Notices that a child stands still: `signal` aborts when a file it writes has not grown, and `beat` was not called, for `idleMs`. */
export function watchStill(file: string, idleMs: number): { signal: AbortSignal; beat(): void; stop(): void } {
  const still = new AbortController()
  let size = -1
  let at = performance.now()
  const beat = () => {
    at = performance.now()
  }
  const look = async () => {
    const present = (await stat(file).catch(() => null))?.size ?? -1
    if (present !== size) beat()
    size = present
    if (performance.now() - at > idleMs) still.abort()
  }
  const timer = setInterval(() => void look(), Math.min(1000, idleMs / 4))
  return { signal: still.signal, beat, stop: () => clearInterval(timer) }
}
