import { expect, test } from 'vitest'
import { rooms } from '../../src/archive/rooms.ts'

test('so much is out at a time; who waits gets what is given back, in turn', async () => {
  const memory = rooms(200, [100])
  const [first, second] = [await memory.take(50), await memory.take(100)]
  const order: string[] = []
  const third = memory.take(10).then((room) => (order.push('third'), room))
  const fourth = memory.take(10).then((room) => (order.push('fourth'), room))
  await Promise.resolve()
  expect(order).toEqual([])
  memory.give(second)
  expect(await third).toBe(second)
  memory.give(first)
  expect(await fourth).toBe(first)
  expect(order).toEqual(['third', 'fourth'])
})

test('short and long ones are kept apart, and nobody goes before who waits for a long one', async () => {
  const memory = rooms(500, [100, 400])
  const [short, long] = [await memory.take(60), await memory.take(101)]
  expect([short.byteLength, long.byteLength]).toEqual([100, 400])
  memory.give(short)
  const order: string[] = []
  const again = memory.take(400).then((room) => (order.push('long'), room))
  const little = memory.take(1).then((room) => (order.push('short'), room))
  await Promise.resolve()
  expect(order).toEqual([])
  memory.give(long)
  expect([await again, await little]).toEqual([long, short])
  expect(order).toEqual(['long', 'short'])
})

test('what no size fits is made for who needs it, even if it is more than may be out, and is not kept', async () => {
  const memory = rooms(100, [100])
  const huge = await memory.take(1_000)
  expect(huge.byteLength).toBe(1_000)
  memory.give(huge)
  const usual = await memory.take(1)
  expect(usual.byteLength).toBe(100)
  memory.give(usual)
  expect(await memory.take(1_000)).not.toBe(huge)
})
