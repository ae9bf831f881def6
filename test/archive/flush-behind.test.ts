import { expect, test } from 'vitest'
import { flushBehind } from '../../src/archive/flush-behind.ts'

/** Flushes that end when they are told to. */
function held() {
  const flushes: { done: () => void; fail: (error: Error) => void }[] = []
  const flush = flushBehind(() => new Promise((done, fail) => void flushes.push({ done, fail })), 100)
  return { flush, flushes }
}

/** Whether it has settled once everybody else had a turn. */
async function isSettled(work: Promise<unknown>): Promise<boolean> {
  let settled = false
  void work.then(
    () => (settled = true),
    () => (settled = true),
  )
  await new Promise((resolve) => setImmediate(resolve))
  return settled
}

test('it is flushed a stretch at a time, one after the other, and what is left by who finishes', async () => {
  const { flush, flushes } = held()
  flush.advance(99)
  expect(flushes.length).toBe(0)
  flush.advance(100)
  flush.advance(900)
  expect(flushes.length).toBe(1)
  const finished = flush.finish()
  flushes[0]?.done()
  expect(await isSettled(finished)).toBe(false)
  expect(flushes.length).toBe(2)
  const idle = flush.idle()
  expect(await isSettled(idle)).toBe(false)
  flushes[1]?.done()
  await finished
  await idle
  flush.advance(5_000)
  expect(flushes.length).toBe(2)
})

test('what goes wrong is told by end and finish, whichever flush it was, and no other begins', async () => {
  const first = held()
  first.flush.advance(100)
  first.flushes[0]?.fail(new Error('no such disk'))
  await expect(first.flush.finish()).rejects.toThrow('no such disk')
  expect(first.flushes.length).toBe(1)
  const last = held()
  const finished = last.flush.finish()
  await isSettled(finished)
  last.flushes[0]?.fail(new Error('no such disk'))
  await expect(finished).rejects.toThrow('no such disk')
  await last.flush.idle()
})
