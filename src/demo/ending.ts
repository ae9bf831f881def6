import { endRuns, removeDemo, tryRemove } from './leftovers.ts'

/** Folders of the demos this process has open. */
const open = new Set<string>()

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** From now on the folder goes with this process: on a normal exit, a crash, SIGINT, SIGTERM and SIGHUP. */
export function removeWithProcess(dir: string): void {
  if (open.size === 0) listen()
  open.add(dir)
}

/** Ends what the demo left going and removes its folder. Safe to call twice. */
export async function removeNow(dir: string): Promise<void> {
  if (!open.has(dir)) return
  await endRuns(dir)
  removeDemo(dir)
  open.delete(dir)
  if (open.size === 0) unlisten()
}

function listen(): void {
  process.on('exit', removeAll)
  for (const signal of signals) process.on(signal, onSignal)
}

function unlisten(): void {
  process.removeListener('exit', removeAll)
  for (const signal of signals) process.removeListener(signal, onSignal)
}

function removeAll(): void {
  for (const dir of open) tryRemove(dir)
  open.clear()
}

function onSignal(signal: NodeJS.Signals): void {
  removeAll()
  unlisten()
  // Sent again without this listener it does what it did before: ends the process, or reaches whoever restores the terminal.
  process.kill(process.pid, signal)
}
