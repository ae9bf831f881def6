import type { FileHandle } from 'node:fs/promises'

/** Brings a file to the disk while it is still being written; `advance` says how long it is by now. */
export type FlushBehind = { advance(to: number): void; idle(): Promise<void>; end(): Promise<void> }

const STRETCH = 16 << 20

/**
 * So that the sync at the end finds little to do. `idle` waits for what is under way, before the
 * file is closed; `end` throws what went wrong besides: a disk tells of an error only once.
 */
export function flushBehind(handle: FileHandle): FlushBehind {
  let flushed = 0
  let going: Promise<void> | null = null
  let wrong: { error: unknown } | null = null
  return {
    advance(to) {
      if (going !== null || to - flushed < STRETCH) return
      flushed = to
      going = handle.datasync().then(
        () => void (going = null),
        (error: unknown) => void (wrong = { error }),
      )
    },
    async idle() {
      await going
    },
    async end() {
      await going
      if (wrong !== null) throw wrong.error
    },
  }
}
