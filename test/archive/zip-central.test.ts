import { readFileSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { memberOf } from '../../src/archive/pack-job.ts'
import { writeBehind } from '../../src/archive/write-behind.ts'
import { centralDirectory } from '../../src/archive/zip-central.ts'
import { CENTRAL_MORE, centralHeader, endRecords, localHeader, putCentral } from '../../src/archive/zip-format.ts'
import { temporaryFolder } from '../helpers/temp.ts'

const payload = { method: 8, crc: 0x89abcdef, packed: 1_234, size: 70_000, head: 0, digest: '' } as const
const nothing = { method: 0, crc: 0, packed: 0, size: 0, head: 0, digest: '' } as const
const mtimeMs = Date.UTC(2026, 10, 21, 10, 20, 30)

describe("a directory's header out of the local one", () => {
  const cases = [
    ['a file', 'a/file.ts', 0o100644, payload, mtimeMs],
    ['a folder', 'a/', 0o040750, nothing, mtimeMs],
    ['a link', 'link', 0o120777, { ...nothing, packed: 6, size: 6, crc: 7 }, mtimeMs],
    ['a name that is no UTF-8', 'caf\u00E9', 0o100600, payload, mtimeMs],
    ['a name in UTF-8', Buffer.from('café').toString('latin1'), 0o100600, payload, mtimeMs],
    ['a time before there were zips', 'old', 0o100600, payload, -1],
    ['a time that 32 bits do not hold', 'far', 0o100600, payload, 2 ** 43],
  ] as const
  test.each(cases)('%s: the same as one made from its facts', (_, name, mode, of, ms) => {
    const local = localHeader(memberOf(name, mode, ms, of, 0))
    const central = centralHeader(memberOf(name, mode, ms, of, 4_096))
    // Among others, in both.
    const block = Buffer.alloc(local.length + CENTRAL_MORE + 20, 0xee)
    const bytes = Buffer.concat([Buffer.alloc(7), local, Buffer.alloc(7)])
    const into = { block, view: new DataView(block.buffer, block.byteOffset), to: 10 }
    putCentral(into, { bytes, from: 7, length: local.length }, mode, 4_096, name.endsWith('/'))
    expect(block).toEqual(Buffer.concat([Buffer.alloc(10, 0xee), central, Buffer.alloc(10, 0xee)]))
  })
})

test('members near and far are written one after the other, and counted', async () => {
  const path = join(temporaryFolder(), 'directory')
  writeFileSync(path, '')
  const handle = await open(path, 'r+')
  onTestFinished(() => handle.close())
  const directory = centralDirectory()
  const items = [
    { name: 'folder/', mode: 0o040755, mtimeMs, of: nothing, at: 0, wide: false },
    { name: 'folder/near', mode: 0o100644, mtimeMs, of: payload, at: 60, wide: false },
    { name: 'folder/long', mode: 0o100644, mtimeMs, of: { ...payload, size: 5e9 }, at: 2_000, wide: true },
    { name: 'folder/beyond', mode: 0o100644, mtimeMs, of: payload, at: 5e9, wide: false },
  ]
  for (const { of, at, wide, ...item } of items) {
    const bytes = localHeader(memberOf(item.name, item.mode, mtimeMs, of, at, wide))
    directory.add({ bytes, from: 0, length: bytes.length }, item, of, at, wide)
  }
  expect(directory.count()).toEqual({ entries: 4, files: 3 })
  const writer = writeBehind(handle)
  const length = await directory.write(writer, 0)
  await writer.drain()
  const headers = items.map(({ name, mode, of, at, wide }) =>
    centralHeader(memberOf(name, mode, mtimeMs, of, at, wide)),
  )
  const size = Buffer.concat(headers).length
  expect(readFileSync(path)).toEqual(Buffer.concat([...headers, endRecords(4, size, 0)]))
  expect(length).toBe(readFileSync(path).length)
})
