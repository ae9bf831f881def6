import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { listZip } from '../../src/archive/zip-read.ts'
import { centralHeader, endRecords, localHeader } from '../../src/archive/zip-format.ts'
import type { ZipMember } from '../../src/archive/zip-format.ts'

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kg-zip64-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const python = spawnSync('python3', ['--version']).status === 0

function member(name: string, offset: number, data: Buffer, wide: boolean): ZipMember {
  const sizes = { crc: crc32(data), packed: data.length, size: data.length }
  return {
    name: Buffer.from(name),
    mode: 0o100644,
    modified: new Date('2025-11-21T12:00:00Z'),
    method: 0,
    ...sizes,
    offset,
    wide,
  }
}

/** What Python's zipfile finds wrong, and how many members it sees; the expected answer where there is no Python. */
function check(path: string, expected: string): string {
  if (!python) return expected
  const script = 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), len(z.namelist()))'
  return execFileSync('python3', ['-c', script, path]).toString().trim()
}

test('more entries than 16 bits count', async () => {
  const path = join(dir, 'many.zip')
  const blocks: Buffer[] = []
  const members: ZipMember[] = []
  let offset = 0
  for (let index = 0; index < 70_000; index += 1) {
    const one = member(`f${index}`, offset, Buffer.alloc(0), false)
    const block = localHeader(one)
    blocks.push(block)
    members.push(one)
    offset += block.length
  }
  const central = Buffer.concat(members.map(centralHeader))
  await writeFile(path, Buffer.concat([...blocks, central, endRecords(members.length, central.length, offset)]))
  expect(await listZip(path)).toHaveLength(70_000)
  expect(check(path, 'None 70000')).toBe('None 70000')
}, 30_000)

test('a member behind 4 GiB, and one with room for 64-bit sizes', async () => {
  const path = join(dir, 'far.zip')
  const data = Buffer.from('far away')
  const start = 5_000_000_000
  const near = member('near', 0, data, true)
  const far = member('far', start, data, false)
  const handle = await open(path, 'w')
  await handle.write(Buffer.concat([localHeader(near), data]), 0, undefined, 0)
  // A hole: five gigabytes that take no room.
  const block = Buffer.concat([localHeader(far), data])
  await handle.write(block, 0, undefined, start)
  const central = Buffer.concat([near, far].map(centralHeader))
  const end = start + block.length
  await handle.write(Buffer.concat([central, endRecords(2, central.length, end)]), 0, undefined, end)
  await handle.close()
  expect((await listZip(path)).map((entry) => [entry.name.toString(), entry.size])).toEqual([
    ['near', 8],
    ['far', 8],
  ])
  expect(check(path, 'None 2')).toBe('None 2')
  if (spawnSync('unzip', ['-v']).status === 0) execFileSync('unzip', ['-tq', path])
})
