import { readFileSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { writeBehind } from '../../src/archive/write-behind.ts'
import { temporaryFolder } from '../helpers/temp.ts'

async function opened(flags: string) {
  const path = join(temporaryFolder(), 'file')
  writeFileSync(path, '')
  const handle = await open(path, flags)
  onTestFinished(() => handle.close())
  return { path, handle }
}

test('what is put stands in its place, and what is put later over it wins', async () => {
  const { path, handle } = await opened('r+')
  const writer = writeBehind(handle)
  const told: string[] = []
  await writer.put(Buffer.from('first '), 0, () => told.push('first'))
  await writer.put(Buffer.from('second'), 6, () => told.push('second'))
  await writer.put(Buffer.from('FIRST'), 0, () => told.push('third'))
  await writer.drain()
  expect(readFileSync(path, 'utf8')).toBe('FIRST second')
  expect(told).toEqual(['first', 'second', 'third'])
})

test('several are written at a time, but each is told when all before it stand there, too', async () => {
  const { handle } = await opened('r+')
  const told: number[] = []
  let slow = (): void => undefined
  const real = handle.write.bind(handle)
  const begun: number[] = []
  // The first takes until the last of them has ended.
  handle.write = (async (data: Uint8Array, offset: number, length: number, position: number) => {
    begun.push(position)
    if (position === 0) await new Promise<void>((resolve) => (slow = resolve))
    return real(data, offset, length, position)
  }) as typeof handle.write
  const writer = writeBehind(handle)
  for (const at of [0, 10, 20]) await writer.put(Buffer.alloc(10, 'x'), at, () => told.push(at))
  await writer.put(Buffer.alloc(4, 'y'), 0, () => told.push(-1))
  await vi.waitFor(async () => expect((await handle.stat()).size).toBe(30))
  expect({ begun, told }).toEqual({ begun: [0, 10, 20], told: [] })
  slow()
  await vi.waitFor(() => expect(begun).toEqual([0, 10, 20, 0]))
  slow()
  await writer.drain()
  expect(told).toEqual([0, 10, 20, -1])
})

test('whoever gives more than may wait is kept until it stands there', async () => {
  const { handle } = await opened('r+')
  const writer = writeBehind(handle, 10)
  let written = 0
  for (let at = 0; at < 50; at += 10) {
    await writer.put(Buffer.alloc(10, 'x'), at, () => (written += 10))
    expect(at + 10 - written).toBeLessThanOrEqual(10)
  }
  await writer.drain()
  expect(written).toBe(50)
})

test('a write that fails is told to whoever goes on, and nothing is written after it', async () => {
  const { path, handle } = await opened('r')
  const writer = writeBehind(handle, 0)
  let written = false
  await expect(writer.put(Buffer.from('one'), 0, () => (written = true))).rejects.toThrow('EBADF')
  await expect(writer.put(Buffer.from('two'), 3)).rejects.toThrow('EBADF')
  await expect(writer.drain()).rejects.toThrow('EBADF')
  await writer.idle()
  expect(written).toBe(false)
  expect(readFileSync(path, 'utf8')).toBe('')
})
