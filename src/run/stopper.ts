import { existsSync, unwatchFile, watchFile } from 'node:fs'
import { join } from 'node:path'
import { EXIT, type ExitCode } from '../core/failure.ts'

/** Why and how a run was asked to stop. `forced` ends the running child now instead of at the next safe point. */
export type Stopper = {
  readonly requested: { by: string; exit: ExitCode } | null
  /** Aborted at once for steps that may stop anytime. */
  readonly soft: AbortSignal
  /** Aborted only when asked twice. */
  readonly hard: AbortSignal
  close(): void
}

const signals: Record<string, ExitCode> = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated, SIGHUP: EXIT.hangup }

/** Name of the file in a run's folder by which another process asks it to stop. */
export const STOP_FILE = 'stop'

/**
 * Listens for signals (when asked to) and for the stop file. The first request stops at the next safe point and says
 * what a second one would do; the second ends the running child.
 */
export function listenForStop(dir: string, withSignals: boolean, say: (line: string) => void): Stopper {
  const soft = new AbortController()
  const hard = new AbortController()
  let requested: Stopper['requested'] = null
  const ask = (by: string, exit: ExitCode) => {
    if (requested === null) {
      requested = { by, exit }
      say('Stopping at the next safe point. Ask once more to end the running command now; what was done is then put back.')
      soft.abort()
    } else if (!hard.signal.aborted) {
      say('Ending the running command now.')
      hard.abort()
    }
  }
  const handlers = Object.entries(signals).map(([name, exit]) => [name, () => ask(name, exit)] as const)
  if (withSignals) for (const [name, handler] of handlers) process.on(name, handler)
  const file = join(dir, STOP_FILE)
  const look = () => {
    if (existsSync(file)) ask('a request', EXIT.interrupted)
  }
  watchFile(file, { interval: 200, persistent: false }, look)
  return {
    get requested() {
      return requested
    },
    soft: soft.signal,
    hard: hard.signal,
    close() {
      unwatchFile(file, look)
      for (const [name, handler] of handlers) process.off(name, handler)
    },
  }
}
