import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { processStarted } from './identity.ts'

/** The variable every child of a run carries, so that those it left behind can be found. */
export const RUN_VARIABLE = 'KNOWNGOOD_RUN'

/** Processes that carry a run's mark; never this one. Empty where the system does not show environments. */
export function processesOf(run: string): number[] {
  const mark = `${RUN_VARIABLE}=${run}`
  return numbers().filter((pid) => {
    try {
      return (
        pid !== process.pid &&
        readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(mark) &&
        processStarted(pid) !== null
      )
    } catch {
      return false
    }
  })
}

function numbers(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
  } catch {
    return []
  }
}

/** Ends what a run left behind and waits until it is gone: asked first, killed after 3 s. Returns how many there were. */
export async function endProcessesOf(run: string): Promise<number> {
  const found = processesOf(run)
  const deadline = performance.now() + 3000
  let left = found
  let name: NodeJS.Signals = 'SIGTERM'
  while (left.length > 0 && performance.now() < deadline + 3000) {
    for (const pid of left) signal(pid, name)
    await sleep(50)
    if (performance.now() > deadline) name = 'SIGKILL'
    left = processesOf(run)
  }
  return found.length
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It ended meanwhile.
  }
}
