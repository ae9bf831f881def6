import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import type { Pool } from './pool.ts'

/** SHA-256 of a file that is still being written, read back from it: `advance` says up to where it will not change any more. */
export type DigestBehind = { advance(to: number): void; digest(): Promise<string> }

const STRETCH = 4 << 20

/** In a worker, always the same one. For when this thread has enough to do. */
export function digestElsewhere(handle: FileHandle, pool: Pool): DigestBehind {
  const jobs: Promise<string>[] = []
  let [at, goal] = [0, 0]
  const send = (last: boolean): Promise<string> => {
    const job = pool.run('digest', { fd: handle.fd, from: at, to: goal, last }, { pinned: true })
    at = goal
    jobs.push(job)
    return job
  }
  return {
    advance(to) {
      goal = to
      if (goal - at >= STRETCH) void send(false)
    },
    async digest() {
      const digest = await send(true)
      await Promise.all(jobs)
      return digest
    },
  }
}

/** In this thread, between its other work. */
export function digestBehind(handle: FileHandle): DigestBehind {
  const hash = createHash('sha256')
  const buffer = Buffer.allocUnsafe(1 << 20)
  let at = 0
  let goal = 0
  let going: Promise<void> | null = null
  const go = async (): Promise<void> => {
    while (at < goal) {
      const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, goal - at), at)
      if (bytesRead === 0) throw new Error('what was written could not be read back')
      hash.update(buffer.subarray(0, bytesRead))
      at += bytesRead
    }
    going = null
  }
  const start = (): void => {
    // With nothing to do it would end before it is known to be under way, and stay so.
    if (going !== null || at >= goal) return
    going = go()
    going.catch(() => undefined)
  }
  return {
    advance(to) {
      goal = to
      start()
    },
    async digest() {
      start()
      await going
      return hash.digest('hex')
    },
  }
}
