import { setTimeout as sleep } from 'node:timers/promises'
import type { SuspendTerminal } from 'ink'

/**
 * Gives the terminal back and stops, as ctrl-z does elsewhere; returns redrawn after `fg`. The whole process
 * group is stopped, for a launcher such as npm waits in it. Where nobody could continue it (a session's
 * leader) the signal does nothing, and the deck comes back at once.
 */
export async function suspend(suspendTerminal: SuspendTerminal): Promise<void> {
  if (process.platform === 'win32') return
  await suspendTerminal(async () => {
    process.kill(0, 'SIGTSTP')
    // The stop takes hold inside this wait; time goes on meanwhile, so it is over as soon as we continue.
    await sleep(60)
  })
}
