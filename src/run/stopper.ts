import type { ExitCode } from '../core/failure.ts'
import { watchStop } from './stop.ts'

/** Why and how a run was asked to stop. */
export type Stopper = {
  readonly requested: { exit: ExitCode } | null
  /** Aborted at once, for steps that may stop anytime. */
  readonly soft: AbortSignal
  /** Aborted only when asked twice: ends the running child. */
  readonly hard: AbortSignal
  close(): void
}

/**
 * The first request stops a run at its next safe point and says what a second one would do; the second ends the
 * running child.
 */
export function listenForStop(root: string, run: string, signals: boolean, say: (line: string) => void): Stopper {
  const soft = new AbortController()
  const hard = new AbortController()
  let requested: Stopper['requested'] = null
  const close = watchStop(root, run, signals, (exit) => {
    if (requested === null) {
      requested = { exit }
      say(
        'Stopping at the next safe point. Ask once more to end the running command now; what was done is then put back.',
      )
      soft.abort()
    } else if (!hard.signal.aborted) {
      say('Ending the running command now.')
      hard.abort()
    }
  })
  return {
    get requested() {
      return requested
    },
    soft: soft.signal,
    hard: hard.signal,
    close,
  }
}
