import { EXIT, type ExitCode } from '../core/failure.ts'
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

/** What comes again this soon is the same request, passed on by a wrapper (npx, a shell), ms. */
const SAME_MS = 500

/**
 * The first request stops a run at its next safe point and says what a second one would do; the second ends the
 * running child. A terminal that closes says so more than once, and nobody is left who could ask twice.
 */
export function listenForStop(root: string, run: string, signals: boolean, say: (line: string) => void): Stopper {
  const soft = new AbortController()
  const hard = new AbortController()
  let requested: Stopper['requested'] = null
  let at = 0
  const close = watchStop(root, run, signals, (exit) => {
    if (requested === null) {
      requested = { exit }
      at = performance.now()
      say(
        'Stopping at the next safe point. Ask once more to end the running command now; what was done is then put back.',
      )
      soft.abort()
    } else if (!hard.signal.aborted && exit !== EXIT.hangup && performance.now() - at > SAME_MS) {
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
