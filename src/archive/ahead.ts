/**
 * Runs a generator ahead of its consumer, until what was made and not taken yet weighs `limit`. The order stays; an error of the
 * generator comes after all it made before. Leaving the loop early ends the generator.
 */
export async function* ahead<T>(
  source: AsyncIterator<T>,
  weigh: (item: T) => number,
  limit: number,
): AsyncGenerator<T> {
  const made: T[] = []
  let weight = 0
  let state: 'running' | 'ended' | 'left' = 'running'
  let wakeConsumer = (): void => undefined
  let wakeProducer = (): void => undefined
  const producing = (async () => {
    while (state === 'running') {
      const next = await source.next()
      if (next.done === true) break
      made.push(next.value)
      weight += weigh(next.value)
      wakeConsumer()
      if (weight >= limit && state === 'running') await new Promise<void>((resolve) => (wakeProducer = resolve))
    }
  })()
  const ended = producing.finally(() => {
    if (state === 'running') state = 'ended'
    wakeConsumer()
  })
  ended.catch(() => undefined)
  try {
    for (;;) {
      const item = made.shift()
      if (item !== undefined) {
        yield item
        weight -= weigh(item)
        wakeProducer()
      } else if (state === 'running') await new Promise<void>((resolve) => (wakeConsumer = resolve))
      else break
    }
    await ended
  } finally {
    state = 'left'
    wakeProducer()
    await ended.catch(() => undefined)
    await source.return?.()
  }
}
