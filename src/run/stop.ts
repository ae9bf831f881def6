import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { EXIT, type ExitCode } from '../core/failure.ts'
import { statePaths } from '../core/paths.ts'
import { makeFolder, writeWhole } from '../world/files.ts'

const SIGNALS = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated, SIGHUP: EXIT.hangup } as const

/** Asks a run to stop at its next safe point; it looks for this a few times a second. */
export async function requestStop(root: string, run: string): Promise<void> {
  await makeFolder(statePaths(root).run(run))
  await writeWhole(stopPath(root, run), `${process.pid}\n`)
}

function stopPath(root: string, run: string): string {
  return join(statePaths(root).run(run), 'stop')
}

/** Takes back a request that was answered, so that a resumed run does not stop again. */
export async function clearStop(root: string, run: string): Promise<void> {
  await rm(stopPath(root, run), { force: true })
}

/** Tells of every request to stop, by file or by signal, with the exit code it leads to. Returns how to end watching. */
export function watchStop(root: string, run: string, signals: boolean, onStop: (exit: ExitCode) => void): () => void {
  let asked = false
  const timer = setInterval(() => {
    if (asked || !existsSync(stopPath(root, run))) return
    asked = true
    onStop(EXIT.interrupted)
  }, 200)
  timer.unref()
  const handlers = Object.entries(SIGNALS).map(([name, exit]) => [name, () => onStop(exit)] as const)
  if (signals) for (const [name, handler] of handlers) process.on(name, handler)
  return () => {
    clearInterval(timer)
    for (const [name, handler] of handlers) process.removeListener(name, handler)
  }
}
