import { minute } from '../core/age.ts'
import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LockHolder } from '../core/facts.ts'
import { EXIT, UserError } from '../core/failure.ts'
import { statePaths } from '../core/paths.ts'
import { clean } from '../core/text.ts'
import { exists, readText, writeWhole } from '../world/files.ts'
import { bootId, host, isAlive } from '../world/identity.ts'
import { withShortLock } from '../world/short-lock.ts'

export type HeldLock = { tookOver: string | null; release(): Promise<void> }

/**
 * Takes this clone's lock, waiting up to `waitMs` for a holder that lives. A lock whose process is gone, an empty one
 * and one whose number now belongs to another process are taken over; `tookOver` says so. Throws exit 6.
 */
export async function takeLocalLock(root: string, holder: LockHolder, waitMs = 0): Promise<HeldLock> {
  const deadline = performance.now() + waitMs
  for (;;) {
    const attempt = await tryLock(root, holder)
    if (attempt.won) return { tookOver: attempt.tookOver, release: () => release(root, holder) }
    if (performance.now() >= deadline) throw locked(attempt.by)
    await sleep(Math.min(250, Math.max(20, deadline - performance.now())))
  }
}

type Attempt = { won: true; tookOver: string | null } | { won: false; by: LockHolder }

/** Judging and replacing happen under a lock of moments, else two could both find the same one stale. */
async function tryLock(root: string, holder: LockHolder): Promise<Attempt> {
  const { lock, shortLock } = statePaths(root)
  return withShortLock(shortLock('local'), async (): Promise<Attempt> => {
    const stood = await exists(lock)
    const other = stood ? holderOf(await readText(lock)) : null
    if (other !== null && mayLive(other)) return { won: false, by: other }
    await writeWhole(lock, `${JSON.stringify(holder)}\n`)
    const who = other === null ? 'an unreadable lock' : `the lock of ${other.run} (process ${other.pid}, which is gone)`
    return { won: true, tookOver: stood ? who : null }
  })
}

/** A holder on another machine cannot be looked at, so it counts as alive. */
function mayLive(other: LockHolder): boolean {
  return isAlive(other) || (other.host !== host() && other.boot !== bootId())
}

async function release(root: string, holder: LockHolder): Promise<void> {
  const { lock, shortLock } = statePaths(root)
  await withShortLock(shortLock('local'), async () => {
    const other = holderOf(await readText(lock))
    if (other?.run === holder.run && other.pid === holder.pid && other.started === holder.started)
      await rm(lock, { force: true })
  })
}

function holderOf(text: string | null): LockHolder | null {
  try {
    const value = JSON.parse(text ?? '') as Partial<LockHolder> | null
    return typeof value?.pid === 'number' &&
      typeof value.started === 'string' &&
      typeof value.boot === 'string' &&
      typeof value.run === 'string'
      ? (value as LockHolder)
      : null
  } catch {
    return null
  }
}

function locked(by: LockHolder): UserError {
  const who = clean(`${by.operator}@${by.host}: ${by.reason}, run ${by.run}, process ${by.pid}, since ${minute(by.at)}`)
  const next = ['Wait for it with --wait 10m', `Follow it with: knowngood attach ${clean(by.run)}`]
  return new UserError('Another operation is running in this clone', who, next, EXIT.locked)
}
