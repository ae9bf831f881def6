import { EXIT } from '../core/failure.ts'
import { endRuns, removeDemo, tryRemove } from './leftovers.ts'

/** Folders of the demos this process has open. */
const open = new Set<string>()

const codes = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated, SIGHUP: EXIT.hangup } as const
const signals = Object.keys(codes) as (keyof typeof codes)[]

/** From now on the folder goes with this process: on a normal exit, a crash, SIGINT, SIGTERM and SIGHUP. */
export function removeWithProcess(dir: string): void {
  if (open.size === 0) {
    process.on('exit', removeAll)
    for (const signal of signals) process.on(signal, onSignal)
  }
  open.add(dir)
}

/** Ends what the demo left going and removes its folder. Safe to call twice. */
export async function removeNow(dir: string): Promise<void> {
  if (!open.has(dir)) return
  await endRuns(dir)
  removeDemo(dir)
  open.delete(dir)
  if (open.size > 0) return
  process.removeListener('exit', removeAll)
  for (const signal of signals) process.removeListener(signal, onSignal)
}

function removeAll(): void {
  for (const dir of open) tryRemove(dir)
  open.clear()
}

function onSignal(signal: NodeJS.Signals): void {
  // The exit handler above removes the folders, and whoever else listens for the exit restores the terminal.
  process.exit(codes[signal as keyof typeof codes])
}
