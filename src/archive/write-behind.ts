import type { FileHandle } from 'node:fs/promises'
import { writeAll } from './write-all.ts'

/** Writes one thing after the other, in the order given, while whoever gives them goes on. */
export type WriteBehind = {
  /** Resolves as soon as there is room for more. `written` is called when the bytes stand there: until then their memory must not change. */
  put(data: Uint8Array, position: number, written?: () => void): Promise<void>
  /** Resolves when all stands there. It and `put` throw what went wrong; nothing is written after that. */
  drain(): Promise<void>
  /** Resolves when nothing is being written, whether it went well or not. */
  idle(): Promise<void>
}

/** Bytes that may be waiting to be written. */
const MOST = 1 << 20

export function writeBehind(handle: FileHandle, most: number = MOST): WriteBehind {
  const waiting: Promise<void>[] = []
  let bytes = 0
  let last: Promise<void> = Promise.resolve()
  return {
    async put(data, position, written) {
      // The memory may be given back by `written`.
      const { length } = data
      bytes += length
      last = last.then(async () => {
        await writeAll(handle, data, position)
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
    idle: async () => last.catch(() => undefined),
  }
}
