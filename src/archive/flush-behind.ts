/** Brings what is still being written to the disk; `advance` says how many bytes it is by now. */
export type FlushBehind = {
  advance(to: number): void
  idle(): Promise<void>
  end(): Promise<void>
  /** `end`, and what is left. */
  finish(): Promise<void>
}

/**
 * Flushes every `stretch` bytes, one flush at a time, so that the sync at the end finds little to do. `idle` waits for what is under
 * way, before the file is closed; `end` begins no more, and throws what went wrong: a disk tells of an error only once.
 */
export function flushBehind(flush: () => Promise<void>, stretch: number = 16 << 20): FlushBehind {
  let flushed = 0
  let going: Promise<void> | null = null
  let wrong: { error: unknown } | null = null
  const begin = (): void => {
    going = flush().then(
      () => void (going = null),
      (error: unknown) => void (wrong = { error }),
    )
  }
  const end = async (): Promise<void> => {
    flushed = Number.POSITIVE_INFINITY
    await going
    if (wrong !== null) throw wrong.error
  }
  return {
    advance(to) {
      if (going !== null || to - flushed < stretch) return
      flushed = to
      begin()
    },
    async idle() {
      await going
    },
    end,
    async finish() {
      await end()
      begin()
      await end()
    },
  }
}
