import { execFileSync, spawnSync } from 'node:child_process'
import {
  closeSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { indexWriter, readIndex } from '../../src/archive/zip-index.ts'
import type { IndexHead, IndexRow, ZipIndex } from '../../src/archive/zip-index.ts'
import { extractZip, listZip } from '../../src/archive/zip-read.ts'
import { writeZip } from '../../src/archive/zip-write.ts'
import type { ZipRequest } from '../../src/archive/zip-write.ts'
import { isDatabaseName } from '../../src/archive/databases.ts'
import { wasSet } from '../../src/archive/clock.ts'
import { mayMount, mountSmall } from '../helpers/mounts.ts'
import { noise } from '../helpers/random.ts'
import { believedFolder } from '../helpers/trees.ts'

/** `RUNS.md`, "Copying compressed entries from the previous zip": each of its rules, in its order. */

const store = mkdtempSync(join(believedFolder(), 'kg-reuse-'))
const many = join(store, 'many', 'tree')
let taken = 0
let dir = ''
let root = ''
let count = 0

beforeAll(async () => {
  for (let number = 1; number <= 12; number += 1) {
    const tree = join(store, String(number), 'tree')
    mkdirSync(join(tree, 'sub'), { recursive: true })
    for (const name of ['a', 'b', 'c', 'sub/d']) writeFileSync(join(tree, name), `content of ${name} `.repeat(50))
    writeFileSync(join(tree, 'large'), Buffer.concat([noise(3_000_000), Buffer.alloc(500_000, 'text ')]))
    writeFileSync(join(tree, 'longer'), noise(4_500_000, number))
    linkSync(join(tree, 'c'), join(tree, 'second'))
  }
  mkdirSync(many, { recursive: true })
  for (let index = 0; index < 400; index += 1)
    writeFileSync(join(many, String(index).padStart(3, '0')), noise(3_000, index))
  // The one thing here that only time can do: files written within two seconds of their being read are not trusted.
  await sleep(2_100)
})
afterAll(() => rmSync(store, { recursive: true, force: true }))
beforeEach(() => {
  dir = join(store, String((taken += 1)))
  root = join(dir, 'tree')
  count = 0
})

const pathOf = (number: number): string => join(dir, `${number}.zip`)
const indexOf = (number: number): string => join(dir, `${number}.index`)
const digests: string[] = []

/** Makes the next archive out of the last one; unless `turn` says otherwise, at a time when none of the files is due to be read. */
async function next(more: Partial<ZipRequest> & { turn?: 'as it is' } = {}) {
  const { turn, ...rest } = more
  const previous = { path: pathOf(count), sha256: digests[count] ?? '', index: indexOf(count) }
  if (turn === undefined)
    await edit((index) => ({ head: { turn: quietTurn(index.rows.keys()) } })).catch(() => undefined)
  count += 1
  const request = {
    root,
    exclude: [],
    to: pathOf(count),
    index: indexOf(count),
    ...(count > 1 ? { previous } : {}),
    ...rest,
  }
  const made = await writeZip(request)
  digests[count] = made.sha256
  return made
}

/** Writes the last index again, with another head and some other rows. */
async function edit(
  change: (index: ZipIndex) => { head: Partial<IndexHead>; rows?: Record<string, IndexRow> },
): Promise<void> {
  const index = await readIndex(indexOf(count))
  if (index === null) throw new Error('there is no index')
  const { head, rows = {} } = change(index)
  const writer = indexWriter()
  for (const path of index.rows.keys()) writer.add(path, rows[path] ?? rowOf(index, path))
  const { rows: _, ...was } = index
  writeFileSync(indexOf(count), writer.bytes({ ...was, ...head }))
}

function rowOf(index: ZipIndex, path: string): IndexRow {
  const row = index.rows.get(path)
  if (row === null) throw new Error(`${path} is not in it`)
  return row
}

function quietTurn(paths: Iterable<string>): number {
  const due = new Set([...paths].map((path) => crc32(path) % 14))
  return (Array.from({ length: 14 }, (_, turn) => turn).find((turn) => !due.has(turn)) ?? 0) + 13
}

async function sameAsTree(): Promise<void> {
  const back = join(dir, `back-${count}`)
  await extractZip(pathOf(count), back)
  execFileSync('diff', ['-r', root, back])
}

describe('copying from the last zip', () => {
  test('what did not change is copied, what did is packed, and the archive stands alone', async () => {
    expect((await next()).reused).toBe(0)
    writeFileSync(join(root, 'b'), 'something new')
    rmSync(join(root, 'a'))
    writeFileSync(join(root, 'e'), 'another')
    const made = await next()
    expect(made).toMatchObject({ reused: 5, damaged: [], suspect: [], unsettled: [] })
    rmSync(pathOf(1))
    await sameAsTree()
    execFileSync('unzip', ['-tq', pathOf(2)])
  })

  test('turned off, nothing is copied, and the bytes are the same', async () => {
    await next()
    const copied = await next()
    const packed = await next({ reuse: false })
    expect([copied.reused, packed.reused]).toEqual([7, 0])
    expect(packed.sha256).toBe(copied.sha256)
  })

  test('rule 1: a change is seen though size and mtime were put back; modes come from today', async () => {
    await next()
    const { atime, mtime } = statSync(join(root, 'a'))
    writeFileSync(join(root, 'a'), readFileSync(join(root, 'a'), 'utf8').toUpperCase())
    utimesSync(join(root, 'a'), atime, mtime)
    const moved = join(root, 'b')
    writeFileSync(`${moved}.new`, readFileSync(moved))
    renameSync(`${moved}.new`, moved)
    await chmod(join(root, 'sub'), 0o750)
    const made = await next()
    expect(made.reused).toBe(5)
    await sameAsTree()
    const [folder] = (await listZip(pathOf(2))).filter(({ kind }) => kind === 'folder')
    expect((folder?.mode ?? 0) & 0o777).toBe(0o750)
  })

  test('rule 2: a file written just before it was read, or read before the clock was set, is read again', async () => {
    writeFileSync(join(root, 'a'), 'only just')
    await next()
    expect((await next()).reused).toBe(6)
    await edit((index) => ({ head: { clock: { ...index.clock, wall: Date.now() + 60_000 } } }))
    expect((await next()).reused).toBe(0)
    await edit((index) => ({ head: { clock: { ...index.clock, up: index.clock.up - 10_000 } } }))
    expect((await next()).reused).toBe(0)
    const future = new Date(Date.now() + 3_600_000)
    utimesSync(join(root, 'b'), future, future)
    await next()
    expect((await next()).reused).toBe(5)
  })

  test('rule 3: a file that would not hold still is named and never copied', async () => {
    await next()
    const log = openSync(join(root, 'large'), 'a')
    const going = setInterval(() => writeSync(log, 'x'), 0)
    const restless = await next().finally(() => clearInterval(going))
    closeSync(log)
    expect(restless.unsettled).toEqual(['large'])
    expect((await readIndex(indexOf(count)))?.rows.get('large')?.key).toBe('')
    expect((await next()).reused).toBe(6)
  })

  test('rule 4: on a file system whose times are not believed, and for databases, nothing is copied', async ({
    skip,
  }) => {
    writeFileSync(join(root, 'unnamed'), `SQLite format 3\0${'x'.repeat(4_096)}`)
    await next()
    expect((await readIndex(indexOf(1)))?.rows.get('unnamed')?.key).toBe('')
    const names = ['x.db', 'a/b.sqlite3', 'x.sqlite-wal', 'dump.rdb', 'data.mdb', 'db', 'x.db.ts', 'journal']
    expect(names.filter(isDatabaseName)).toEqual(['x.db', 'a/b.sqlite3', 'x.sqlite-wal', 'dump.rdb', 'data.mdb'])
    if (process.getuid?.() !== 0) skip('an overlay can only be mounted by root')
    const [upper, merged] = [join(dir, 'upper'), join(dir, 'merged')]
    mkdirSync(upper)
    mkdirSync(merged)
    execFileSync('mount', ['-t', 'tmpfs', 'kg', upper])
    try {
      execFileSync('mkdir', [`${upper}/u`, `${upper}/w`])
      const layers = `lowerdir=${root},upperdir=${upper}/u,workdir=${upper}/w`
      execFileSync('mount', ['-t', 'overlay', 'kg', '-o', layers, merged])
      await next({ root: merged })
      expect((await readIndex(indexOf(count)))?.rows.get('a')?.key).not.toBe('')
      expect((await next({ root: merged })).reused).toBe(0)
    } finally {
      spawnSync('umount', [merged])
      spawnSync('umount', [upper])
    }
  })

  test('rule 5: hard links are told apart by path; content that is known by name is copied from any inode', async () => {
    await next()
    expect((await next()).reused).toBe(7)
    const contents = (path: string): string | null => (path === 'a' ? 'blob 1 – é' : null)
    expect((await next({ contents })).reused).toBe(6)
    writeFileSync(join(root, 'fresh'), readFileSync(join(root, 'a')))
    renameSync(join(root, 'fresh'), join(root, 'a'))
    expect((await next({ contents })).reused).toBe(7)
    expect((await next({ contents: (path) => (path === 'a' ? 'blob-2' : null) })).reused).toBe(6)
    await sameAsTree()
    // Every one of them, and some that hold nothing.
    for (const name of ['0', 'bb', 'sub/0']) writeFileSync(join(root, name), '')
    await next({ contents: (path) => `blob of ${path}` })
    for (const path of readdirSync(root, { recursive: true, encoding: 'utf8' })) utimesSync(join(root, path), 1e9, 1e9)
    expect(await next({ contents: (path) => `blob of ${path}` })).toMatchObject({ reused: 10, damaged: [] })
    await sameAsTree()
    expect((await listZip(pathOf(count))).every(({ modified }) => modified.getTime() === 1e12)).toBe(true)
  })

  test('from an archive whose names begin otherwise nothing is copied', async () => {
    await next({ prefix: 'one' })
    expect((await next({ prefix: 'two' })).reused).toBe(0)
    expect((await next({ prefix: 'two/' })).reused).toBe(7)
    expect((await listZip(pathOf(count))).every(({ name }) => name.toString().startsWith('two/'))).toBe(true)
  })

  test('rule 6: without an index, with a bad one, or one of another archive, nothing is copied', async () => {
    await next()
    const whole = readFileSync(indexOf(1))
    const tries: [string, () => void][] = [
      ['none', () => rmSync(indexOf(1))],
      ['cut', () => writeFileSync(indexOf(1), whole.subarray(0, -5))],
      ['altered', () => writeFileSync(indexOf(1), whole.toString('latin1').replace('large', 'Large'), 'latin1')],
      ['no index at all', () => writeFileSync(indexOf(1), 'index')],
    ]
    for (const [what, spoil] of tries) {
      spoil()
      const previous = { path: pathOf(1), sha256: digests[1] ?? '', index: indexOf(1) }
      const made = await writeZip({ root, exclude: [], to: join(dir, `${what}.zip`), previous })
      expect(made.reused, what).toBe(0)
    }
    writeFileSync(indexOf(1), whole)
    const previous = { path: pathOf(1), sha256: '0'.repeat(64), index: indexOf(1) }
    expect((await writeZip({ root, exclude: [], to: join(dir, 'other.zip'), previous })).reused).toBe(0)
  })

  test('rule 7: rot in the last archive is found while copying: packed again, and told', async () => {
    await next()
    const entries = await listZip(pathOf(1))
    for (const name of ['a', 'large', 'longer']) {
      const entry = entries.find((one) => one.name.toString() === name)
      flip(pathOf(1), (entry?.at ?? 0) + 60)
    }
    const made = await next()
    expect(made.damaged.toSorted()).toEqual(['a', 'large', 'longer'])
    expect(made.reused).toBe(4)
    await sameAsTree()
    expect(await next()).toMatchObject({ damaged: [], reused: 7 })
    await sameAsTree()
  })

  test('rule 8: a last archive that is gone, or cut short, is no hindrance', async () => {
    await next()
    truncateSync(pathOf(1), 1_000)
    expect((await next()).reused).toBe(0)
    rmSync(pathOf(2))
    expect((await next()).reused).toBe(0)
    await sameAsTree()
  })

  test('rule 9: in fourteen archives every file is read once, and a change that left no trace is told', async () => {
    await next()
    let reread = 0
    for (let turn = 0; turn < 14; turn += 1) {
      const made = await next({ turn: 'as it is' })
      expect({ turn, ...made }).toMatchObject({ reused: 7, damaged: [], suspect: [], unsettled: [] })
      reread += made.reread
    }
    expect(reread).toBe(7)
    for (const name of ['a', 'large']) {
      await edit((index) => {
        const row = rowOf(index, name)
        return { head: { turn: (crc32(name) % 14) + 13 }, rows: { [name]: { ...row, crc: (row.crc ^ 1) >>> 0 } } }
      })
      expect((await next({ turn: 'as it is' })).suspect).toEqual([name])
      await sameAsTree()
      expect(await next()).toMatchObject({ reused: 7, damaged: [], suspect: [] })
    }
  }, 30_000)
})

test('a full disk ends the copying of many short stretches at once, and leaves nothing', async ({ skip }) => {
  if (!mayMount) skip('a small volume needs the right to mount')
  const folder = join(store, 'many')
  const small = join(folder, 'small')
  mkdirSync(small)
  mountSmall(small, '200k')
  const [path, index] = [join(folder, '1.zip'), join(folder, '1.index')]
  const { sha256 } = await writeZip({ root: many, exclude: [], to: path, index })
  // Between any two of them one has changed: no stretch is longer than one member.
  for (let at = 0; at < 400; at += 2) writeFileSync(join(many, String(at).padStart(3, '0')), 'changed')
  const previous = { path, sha256, index }
  await expect(writeZip({ root: many, exclude: [], to: join(small, '2.zip'), previous })).rejects.toThrow('ENOSPC')
  expect(readdirSync(small)).toEqual([])
  expect((await writeZip({ root: many, exclude: [], to: join(folder, '2.zip'), previous })).reused).toBe(200)
})

test('a clock that was set is noticed: back, forward against the time the machine was up, but not by a restart', () => {
  const before = { wall: 1_000_000, up: 50_000, boot: 'x' }
  expect(wasSet(before, { wall: 1_100_000, up: 150_500, boot: 'x' })).toBe(false)
  expect(wasSet(before, { wall: 1_100_000, up: 60_000, boot: 'x' })).toBe(true)
  expect(wasSet(before, { wall: 900_000, up: 150_000, boot: 'x' })).toBe(true)
  expect(wasSet(before, { wall: 1_100_000, up: 3_000, boot: 'y' })).toBe(false)
})

function flip(path: string, at: number): void {
  const bytes = readFileSync(path)
  bytes[at] = (bytes[at] ?? 0) ^ 0xff
  rmSync(path)
  writeFileSync(path, bytes)
}
