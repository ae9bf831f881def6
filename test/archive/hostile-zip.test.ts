import { readdirSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateRawSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { extractZip, listZip } from '../../src/archive/zip-read.ts'
import { centralHeader, endRecords, localHeader } from '../../src/archive/zip-format.ts'
import type { ZipMember } from '../../src/archive/zip-format.ts'

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kg-hostile-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

type Made = { name: string; data?: string; mode?: number; lies?: Partial<ZipMember> }

/** A zip as somebody with bad intentions would write it. */
function zip(entries: Made[]): Buffer {
  const blocks: Buffer[] = []
  const members: ZipMember[] = []
  let offset = 0
  for (const { name, data = '', mode = 0o100644, lies } of entries) {
    const bytes = Buffer.from(data)
    const sizes = { crc: crc32(bytes), packed: bytes.length, size: bytes.length }
    const plain: ZipMember = {
      name: Buffer.from(name),
      mode,
      modified: new Date(0),
      method: 0,
      ...sizes,
      offset,
      wide: false,
    }
    members.push({ ...plain, ...lies })
    const block = Buffer.concat([localHeader(plain), bytes])
    blocks.push(block)
    offset += block.length
  }
  const central = Buffer.concat(members.map(centralHeader))
  return Buffer.concat([...blocks, central, endRecords(members.length, central.length, offset)])
}

const LINK = 0o120777
const hostile: [string, Made[], RegExp][] = [
  ['a parent path', [{ name: 'ok' }, { name: '../evil', data: 'x' }], /leads out/],
  ['a parent path inside', [{ name: 'a/../../evil' }], /leads out/],
  ['an absolute path', [{ name: '/etc/evil' }], /absolute/],
  ['an empty name', [{ name: '' }], /empty name/],
  ['a dot part', [{ name: 'a/./b' }], /"\." part/],
  ['a NUL', [{ name: 'a\0b' }], /NUL/],
  ['a link out', [{ name: 'l', data: '../../etc/passwd', mode: LINK }], /leads out/],
  ['an absolute link', [{ name: 'l', data: '/etc', mode: LINK }], /leads out/],
  [
    'links that lead out together',
    [
      { name: 'p/q/b', data: '../..', mode: LINK },
      { name: 'p/q/a', data: 'b/../x', mode: LINK },
    ],
    /leads out/,
  ],
  [
    'a way out behind a ring of links',
    [
      { name: 'a', data: 'b/../../x', mode: LINK },
      { name: 'b', data: 'a', mode: LINK },
    ],
    /leads out/,
  ],
  [
    'writing through a link',
    [
      { name: 'd', data: 'e', mode: LINK },
      { name: 'd/f', data: 'x' },
    ],
    /through a link/,
  ],
  [
    'writing below a file',
    [
      { name: 'd', data: 'e' },
      { name: 'd/f', data: 'x' },
    ],
    /is a file/,
  ],
  [
    'duplicate names',
    [
      { name: 'a', data: '1' },
      { name: 'a', data: '2' },
    ],
    /twice/,
  ],
  [
    'a file and a folder of one name',
    [
      { name: 'a', data: '1' },
      { name: 'a/', mode: 0o040755 },
    ],
    /twice/,
  ],
  ['a device', [{ name: 'dev', mode: 0o020666 }], /device/],
  ['a pipe', [{ name: 'pipe', mode: 0o010666 }], /device/],
  ['an absurd size', [{ name: 'big', data: 'x', lies: { size: 2 ** 50, method: 8 } }], /unpack to|impossible/],
  ['an impossible ratio', [{ name: 'big', data: 'x', lies: { size: 10_000_000, method: 8 } }], /impossible/],
  [
    'overlapping members',
    [
      { name: 'a', data: 'x'.repeat(600) },
      { name: 'b', data: 'y', lies: { offset: 0, packed: 600, size: 600 } },
    ],
    /: b claims bytes of another member: they overlap/,
  ],
  [
    'members that overlap, although the archive is long enough for all of them',
    [
      { name: 'padding', data: 'x'.repeat(5_000) },
      { name: 'a', data: 'y' },
      { name: 'b', data: 'y', lies: { offset: 38 } },
    ],
    /overlap/,
  ],
  [
    'a bomb whose members quote the header of the next',
    ['a', 'b', 'c'].map((name, index) => ({
      name,
      data: 'x'.repeat(99 - index),
      lies: { packed: 300 - index * 130, size: 300 - index * 130 },
    })),
    /overlap/,
  ],
  ['a member beyond the end', [{ name: 'a', data: 'x', lies: { offset: 1_000_000 } }], /more bytes than there are/],
  ['an unknown method', [{ name: 'a', data: 'x', lies: { method: 99 as 8 } }], /not known/],
]

test.each(hostile)('%s is refused whole', async (_, entries, why) => {
  const path = join(dir, 'evil.zip')
  await writeFile(path, zip([{ name: 'first', data: 'innocent' }, ...entries]))
  await expect(extractZip(path, join(dir, 'out/inner'))).rejects.toThrow(why)
  expect(readdirSync(dir)).toEqual(['evil.zip'])
})

test('what holds nothing, or more than it counts, is refused', async () => {
  const path = join(dir, 'x.zip')
  await writeFile(path, zip([]))
  await expect(listZip(path)).rejects.toThrow('it holds nothing')
  const two = zip([{ name: 'a' }, { name: 'b' }])
  two.writeUInt16LE(1, two.length - 22 + 8)
  two.writeUInt16LE(1, two.length - 22 + 10)
  await writeFile(path, two)
  await expect(listZip(path)).rejects.toThrow('more entries than are counted')
})

test('too many bytes or members for the limits are refused', async () => {
  const path = join(dir, 'x.zip')
  await writeFile(
    path,
    zip([
      { name: 'a', data: 'x'.repeat(100) },
      { name: 'b', data: 'y' },
    ]),
  )
  await expect(listZip(path, { bytes: 100 })).rejects.toThrow('more than the 100 allowed')
  await expect(listZip(path, { entries: 1 })).rejects.toThrow('more than 1 entries')
})

test('a bomb that inflates to more than it claims is stopped', async () => {
  const path = join(dir, 'bomb.zip')
  const packed = deflateRawSync(Buffer.alloc(10_000_000))
  const whole = zip([{ name: 'b', data: packed.toString('latin1') }])
  expect(whole.length).toBeGreaterThan(0)
  const member: ZipMember = {
    name: Buffer.from('b'),
    mode: 0o100644,
    modified: new Date(0),
    method: 8,
    crc: 0,
    packed: packed.length,
    size: 1_000,
    offset: 0,
    wide: false,
  }
  const start = Buffer.concat([localHeader(member), packed])
  const central = centralHeader(member)
  await writeFile(path, Buffer.concat([start, central, endRecords(1, central.length, start.length)]))
  await expect(extractZip(path, join(dir, 'out'))).rejects.toThrow('too many bytes')
  expect(readdirSync(dir)).toEqual(['bomb.zip'])
})

test('a flipped byte and a cut end are found', async () => {
  const path = join(dir, 'x.zip')
  const whole = zip([{ name: 'file', data: 'content that matters' }])
  const flipped = Buffer.from(whole)
  flipped[50] = (flipped[50] ?? 0) ^ 1
  await writeFile(path, flipped)
  await expect(extractZip(path, join(dir, 'out'))).rejects.toThrow('checksum')
  await writeFile(path, whole.subarray(0, -10))
  await expect(extractZip(path, join(dir, 'out'))).rejects.toThrow('refused whole')
  expect(readdirSync(dir)).toEqual(['x.zip'])
  await writeFile(path, whole)
  await extractZip(path, join(dir, 'out'))
  expect(await readFile(join(dir, 'out/file'), 'utf8')).toBe('content that matters')
  await expect(extractZip(path, join(dir, 'out'))).rejects.toThrow('exists already')
})
