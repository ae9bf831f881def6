import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../core/failure.ts'
import { makeFolder } from './files.ts'

const queues = new Map<string, Promise<void>>()

/**
 * Runs `work` while no other process (nor other caller in this one) holds the same lock file. For moments, not for
 * operations. The lock is SQLite's own lock on an empty file: the kernel drops it when its holder dies, so there is
 * never a stale one to judge. Throws after `waitMs`.
 */
export async function withShortLock<T>(path: string, work: () => Promise<T>, waitMs = 15_000): Promise<T> {
  const before = queues.get(path) ?? Promise.resolve()
  const turn = before.then(() => holding(path, work, waitMs))
  const settled = turn.then(
    () => undefined,
    () => undefined,
  )
  queues.set(path, settled)
  try {
    return await turn
  } finally {
    if (queues.get(path) === settled) queues.delete(path)
  }
}

async function holding<T>(path: string, work: () => Promise<T>, waitMs: number): Promise<T> {
  await makeFolder(dirname(path))
  const { DatabaseSync } = await import('node:sqlite')
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    const deadline = performance.now() + waitMs
    for (;;) {
      try {
        // Nothing is ever written, so there is nothing to journal: a full disk locks as well as any.
        database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
        break
      } catch (error) {
        if (!/locked|busy/i.test(messageOf(error))) throw error
        if (performance.now() > deadline)
          throw new Error(`${path} is held by another process since ${waitMs} ms`, { cause: error })
        await sleep(5 + Math.random() * 20)
      }
    }
    return await work()
  } finally {
    database.close()
  }
}
