import type { FileHandle } from 'node:fs/promises'
import { writeAll } from './write-all.ts'

/** Writes several things at a time, while whoever gives them goes on. What is put over something before it comes after it. */
export type WriteBehind = {
  /**
   * Resolves as soon as there is room for more. `written` is called when the bytes, and all that were put before, stand there: until then their
   * memory must not change.
   */
  put(data: Uint8Array, position: number, written?: () => void): Promise<void>
  /** Resolves when all stands there. It and `put` throw what went wrong; nothing is written after that. */
  drain(): Promise<void>
  /** Resolves when nothing is being written, whether it went well or not. */
  idle(): Promise<void>
  /** Rejected with what went wrong: for who waits for something that only comes when all was written. */
  failure: Promise<never>
}

/** Bytes that may be waiting to be written. */
const MOST = 1 << 20

export function writeBehind(handle: FileHandle, most: number = MOST): WriteBehind {
  const waiting: Promise<void>[] = []
  const going = new Set<Promise<void>>()
  let [bytes, end] = [0, 0]
  let failed = false
  let fail: (error: unknown) => void = () => undefined
  const failure = new Promise<never>((_, reject) => (fail = reject))
  failure.catch(() => undefined)
  let last: Promise<void> = Promise.resolve()
  const write = async (data: Uint8Array, position: number, before: Promise<void> | null): Promise<void> => {
    await before
    if (!failed) await writeAll(handle, data, position)
  }
  return {
    async put(data, position, written) {
      // The memory may be given back by `written`.
      const { length } = data
      bytes += length
      const writing = write(data, position, position < end ? last : null)
      end = Math.max(end, position + length)
      going.add(writing)
      void writing.then(
        () => going.delete(writing),
        (error: unknown) => {
          failed = true
          fail(error)
        },
      )
      last = Promise.all([last, writing]).then(() => {
        bytes -= length
        void waiting.shift()
        written?.()
      })
      // Whoever gives the next one is told.
      last.catch(() => undefined)
      waiting.push(last)
      while (bytes > most && waiting[0] !== undefined) await waiting[0]
    },
    drain: async () => last,
    async idle() {
      await Promise.allSettled(going)
    },
    failure,
  }
}
