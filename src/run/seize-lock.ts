import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LockHolder } from '../core/facts.ts'
import { EXIT, UserError } from '../core/failure.ts'
import { statePaths } from '../core/paths.ts'
import { readJson } from '../world/files.ts'
import { isAlive } from '../world/identity.ts'
import { endProcessesOf } from '../world/orphans.ts'
import { type HeldLock, takeLocalLock } from './local-lock.ts'
import { requestStop } from './stop.ts'

/** How long a run that holds the lock has to come to a safe point, ms. */
const PATIENCE_MS = 20_000

/**
 * Takes this clone's lock from whoever holds it: their run is asked to stop at its next safe point, and ended with all its
 * children when it does not within `waitMs`. `tookOver` names the holder. Their run is found as interrupted afterwards.
 */
export async function seizeLocalLock(root: string, holder: LockHolder, waitMs = 0): Promise<HeldLock> {
  try {
    return await takeLocalLock(root, holder)
  } catch (error) {
    if (!(error instanceof UserError) || error.exit !== EXIT.locked) throw error
  }
  const other = (await readJson(statePaths(root).lock).catch(() => null)) as LockHolder | null
  if (other !== null) await makeWay(root, other, waitMs > 0 ? waitMs : PATIENCE_MS)
  // A holder of another machine cannot be asked; its lock is taken away, and it finds that out at its next fence.
  await rm(statePaths(root).lock, { force: true })
  const lock = await takeLocalLock(root, holder)
  const whose =
    other === null ? 'a lock' : `the lock of ${other.operator}@${other.host}, run ${other.run}: ${other.reason}`
  return { ...lock, tookOver: whose }
}

async function makeWay(root: string, other: LockHolder, patienceMs: number): Promise<void> {
  await requestStop(root, other.run)
  const deadline = performance.now() + patienceMs
  while (isAlive(other) && performance.now() < deadline) await sleep(50)
  if (isAlive(other)) process.kill(other.pid, 'SIGKILL')
  await endProcessesOf(other.run)
}
