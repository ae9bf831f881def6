import { expect, test } from 'vitest'
import { rooms } from '../../src/archive/rooms.ts'

test('so many are out at a time; who waits gets what is given back, in turn', async () => {
  const memory = rooms(2, 100)
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

test('one longer than usual is made for who needs it, and not kept', async () => {
  const memory = rooms(1, 100)
  const long = await memory.take(1_000)
  expect(long.byteLength).toBe(1_000)
  memory.give(long)
  const usual = await memory.take(1)
  expect(usual.byteLength).toBe(100)
  memory.give(usual)
  expect((await memory.take(101)).byteLength).toBe(101)
})
