import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { factsOf } from '../../src/archive/file-facts.ts'
import { readSettled } from '../../src/archive/read-settled.ts'
import type { FoundFile } from '../../src/archive/read-settled.ts'
import { openFound } from '../../src/archive/store-pieces.ts'
import { extractTarGz } from '../../src/archive/tar-read.ts'
import { writeTarGz } from '../../src/archive/tar-write.ts'
import { extractZip } from '../../src/archive/zip-read.ts'
import { writeZip } from '../../src/archive/zip-write.ts'
import { temporaryFolder } from '../helpers/temp.ts'

const LARGE = 1_500_000

/** A tree whose folder `x` holds `ours`, and a folder elsewhere that holds `theirs` under the same names and in the same lengths. */
function twoFolders(): { dir: string; root: string; names: string[]; swap: () => void } {
  const dir = temporaryFolder()
  const root = join(dir, 'tree')
  const names = [...Array.from({ length: 40 }, (_, index) => `file-${index}`), 'large']
  for (const [folder, text] of [
    [join(root, 'x'), 'ours '],
    [join(dir, 'elsewhere'), 'them '],
  ] as const) {
    mkdirSync(folder, { recursive: true })
    for (const name of names) writeFileSync(join(folder, name), text.repeat(name === 'large' ? LARGE / 5 : 10))
  }
  writeFileSync(join(root, 'first'), 'x'.repeat(LARGE))
  symlinkSync('first', join(root, 'x/lock'))
  symlinkSync('theirs', join(dir, 'elsewhere/lock'))
  const swap = (): void => {
    renameSync(join(root, 'x'), join(dir, 'away'))
    symlinkSync(join(dir, 'elsewhere'), join(root, 'x'))
  }
  return { dir, root, names, swap }
}

function find(root: string, path: string): FoundFile {
  const { key, size } = factsOf(lstatSync(join(root, path), { bigint: true }))
  return { root, path, key, size }
}

type Way = { root: string; to: string; once: () => void }
/** Something happens as soon as the first file was found; a tarball is not read ahead, a zip is. */
const WAYS = [
  ['zip', ({ root, to, once }: Way) => writeZip({ root, exclude: [], to, contents: () => (once(), null) }), extractZip],
  ['tarball', ({ root, to, once }: Way) => writeTarGz({ root, exclude: [], to, onBytes: once }), extractTarGz],
] as const

function onlyOnce(does: () => void): () => void {
  let done = false
  return () => {
    if (!done) does()
    done = true
  }
}

/** Nobody else has a turn before the whole tree was walked through. */
function holdTheClock(): void {
  vi.spyOn(performance, 'now').mockReturnValue(0)
}

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

test.each(WAYS)(
  'fault 18: a folder that a link takes the place of meanwhile is not read through: a %s names what it lacks',
  async (_, write, extract) => {
    holdTheClock()
    const { dir, root, names, swap } = twoFolders()
    const made = await write({ root, to: join(dir, 'made'), once: onlyOnce(swap) })
    await extract(join(dir, 'made'), join(dir, 'back'))
    expect(readdirSync(join(dir, 'back/x'))).toEqual(['lock'])
    expect(readlinkSync(join(dir, 'back/x/lock'))).toBe('first')
    expect(made.unsettled.toSorted()).toEqual(names.map((name) => `x/${name}`).toSorted())
  },
)

test.each(WAYS)(
  'fault 18: a link that vanishes and things that become others fail no %s, and it names what it lacks',
  async (_, write, extract) => {
    holdTheClock()
    const { dir, root } = twoFolders()
    mkdirSync(join(root, 'y/in'), { recursive: true })
    writeFileSync(join(root, 'y/in/f'), 'f')
    const change = (): void => {
      rmSync(join(root, 'x/lock'))
      rmSync(join(root, 'x/file-1'))
      mkdirSync(join(root, 'x/file-1'))
      rmSync(join(root, 'x/large'))
      mkdirSync(join(root, 'x/large'))
      rmSync(join(root, 'x/file-2'))
      symlinkSync('file-3', join(root, 'x/file-2'))
      rmSync(join(root, 'y/in'), { recursive: true })
      writeFileSync(join(root, 'y/in'), '')
    }
    const made = await write({ root, to: join(dir, 'made'), once: onlyOnce(change) })
    await extract(join(dir, 'made'), join(dir, 'back'))
    const back = (path: string): boolean => lstatSync(join(dir, 'back', path), { throwIfNoEntry: false }) !== undefined
    expect(made.unsettled.toSorted()).toEqual(['x/file-1', 'x/file-2', 'x/large', 'y/in/f'])
    expect(['x/lock', 'x/file-0', 'x/file-3', 'y/in'].filter((path) => !back(path))).toEqual([])
  },
)

describe.each(['linux', 'darwin'])('as %s can', (platform) => {
  const there = (): void => {
    vi.stubGlobal('process', Object.create(process, { platform: { value: platform } }))
  }
  const room = Buffer.alloc(1 << 16)

  test('a file that was saved under its name by a rename is read as it is now', async () => {
    there()
    const { root } = twoFolders()
    const found = find(root, 'x/file-7')
    writeFileSync(join(root, 'x/.new'), 'saved')
    renameSync(join(root, 'x/.new'), join(root, 'x/file-7'))
    const read = readSettled(found, room)
    expect(read?.settled).toBe(true)
    expect(read?.data.toString()).toBe('saved')
    const handle = await openFound(found)
    expect(await handle?.readFile('utf8')).toBe('saved')
    await handle?.close()
  })

  test('a file that grew is read as it is now', () => {
    there()
    const { root } = twoFolders()
    const found = find(root, 'first')
    writeFileSync(join(root, 'first'), 'shorter')
    expect(readSettled(found, room)?.data.toString()).toBe('shorter')
  })

  test('a file of the same name behind a link that took the place of its folder is not read', async () => {
    there()
    const { root, swap } = twoFolders()
    const found = find(root, 'x/file-7')
    swap()
    expect(readSettled(found, room)).toBeNull()
    expect(await openFound(found)).toBeNull()
  })

  test.each([
    ['is a folder', 'x/file-7', (path: string) => mkdirSync(path)],
    ['is a link', 'x/file-7', (path: string) => symlinkSync('file-8', path)],
    ['is gone', 'x/file-7', () => {}],
    ['has a file for its folder', 'x', (path: string) => writeFileSync(path, 'a file')],
  ])('what %s by now is gone', async (_, path, put) => {
    there()
    const { root } = twoFolders()
    const found = find(root, 'x/file-7')
    rmSync(join(root, path), { recursive: true })
    put(join(root, path))
    expect(readSettled(found, room)).toBeNull()
    expect(await openFound(found)).toBeNull()
  })
})

test('a root that a link leads to, above it or not, is read as any other', () => {
  const { dir, root } = twoFolders()
  symlinkSync(dir, join(dir, 'linked'))
  const found = find(join(dir, 'linked/tree'), 'first')
  writeFileSync(join(root, 'first'), 'changed')
  expect(readSettled(found, Buffer.alloc(100))?.data.toString()).toBe('changed')
})
