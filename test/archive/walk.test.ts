import { lstatSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { walk } from '../../src/archive/walk.ts'
import type { TreeEntry } from '../../src/archive/walk.ts'
import { temporaryFolder } from '../helpers/temp.ts'

/** A tree with a folder `x`, and a folder of the same names elsewhere. */
function twoFolders(): { root: string; swap: () => void } {
  const dir = temporaryFolder()
  const root = join(dir, 'tree')
  for (const folder of [join(root, 'x/in'), join(dir, 'elsewhere/in')]) {
    mkdirSync(folder, { recursive: true })
    for (const name of ['a', 'b', 'in/c']) writeFileSync(join(folder, '..', name), folder)
  }
  const swap = (): void => {
    renameSync(join(root, 'x'), join(root, '.x'))
    symlinkSync(join(dir, 'elsewhere'), join(root, 'x'))
  }
  return { root, swap }
}

/** What is told of a tree in which something happens as soon as a path was told. */
function toldWhile(root: string, at: string, happens: () => void): TreeEntry[] {
  const told: TreeEntry[] = []
  for (const entry of walk(root, '', () => false)) {
    if (entry.path === at && told.every(({ path }) => path !== at)) happens()
    told.push(entry)
  }
  return told
}

const lines = (told: TreeEntry[]): string[] => told.map(({ path, facts }) => `${path} ${facts.kind}`)
const inodes = (folder: string): string[] =>
  ['a', 'b', 'in/c'].map((name) => String(lstatSync(join(folder, name), { bigint: true }).ino))
const inodesOf = (told: TreeEntry[]): string[] =>
  told.filter(({ facts }) => facts.kind === 'file').map(({ facts }) => facts.key.split(':')[1] ?? '')

afterEach(() => vi.unstubAllGlobals())

describe.each(['linux', 'darwin'])('as %s can', (platform) => {
  const there = (): void => {
    vi.stubGlobal('process', Object.create(process, { platform: { value: platform } }))
  }

  test('what vanishes between its name and a look at it is told as gone', () => {
    there()
    const { root } = twoFolders()
    const told = [
      ...walk(root, '', (path) => {
        if (path === 'x/b') rmSync(join(root, path))
        return false
      }),
    ]
    expect(lines(told)).toEqual(['x folder', 'x/a file', 'x/b gone', 'x/in folder', 'x/in/c file'])
  })

  test('a folder that a link takes the place of before it is entered is told as gone, and nothing behind the link', () => {
    there()
    const { root, swap } = twoFolders()
    expect(lines(toldWhile(root, 'x', swap))).toEqual(['x folder', 'x gone'])
  })

  test('of a folder that a link takes the place of while it is walked through nothing behind the link is told', () => {
    there()
    const { root, swap } = twoFolders()
    const own = inodes(join(root, 'x'))
    const told = toldWhile(root, 'x/a', swap)
    expect(own).toEqual(expect.arrayContaining(inodesOf(told)))
    // Everything in it was told, as it is or as gone; what cannot be entered is told as both.
    expect(told.map(({ path }) => path)).toEqual(expect.arrayContaining(['x', 'x/a', 'x/b', 'x/in']))
  })

  test.each([
    ['a file', (path: string) => writeFileSync(path, '')],
    ['a link that leads nowhere', (path: string) => symlinkSync('nowhere', path)],
    ['nothing', () => {}],
  ])('a folder that becomes %s is told as gone', (_, put) => {
    there()
    const { root } = twoFolders()
    const told = toldWhile(root, 'x/in', () => {
      rmSync(join(root, 'x/in'), { recursive: true })
      put(join(root, 'x/in'))
    })
    expect(lines(told).slice(-2)).toEqual(['x/in folder', 'x/in gone'])
  })

  test('a tree deeper than folders are held is walked through whole, and nothing stays open', () => {
    there()
    const root = temporaryFolder()
    const deep = Array.from({ length: 150 }, (_, index) => Array.from({ length: index + 1 }, () => 'd').join('/'))
    mkdirSync(join(root, deep.at(-1) ?? ''), { recursive: true })
    for (const path of deep) writeFileSync(join(root, path, 'z'), '')
    const open = readdirSync('/proc/self/fd').length
    const paths = [...walk(root, '', () => false)].map(({ path }) => path)
    expect(paths).toEqual([...deep, ...deep.toReversed().map((path) => `${path}/z`)])
    // Left in the middle, too.
    for (const { path } of walk(root, '', () => false)) if (path === deep[100]) break
    expect(readdirSync('/proc/self/fd')).toHaveLength(open)
  })
})

test('a path is found below a root that is named by a link, and a link with where it leads', () => {
  const dir = temporaryFolder()
  mkdirSync(join(dir, 'tree/x'), { recursive: true })
  symlinkSync('Bücher', join(dir, 'tree/x/link'))
  symlinkSync('tree', join(dir, 'root'))
  const [told, ...more] = walk(join(dir, 'root'), 'x/link', () => false)
  expect(told).toMatchObject({ path: 'x/link', target: Buffer.from('Bücher').toString('latin1') })
  expect(more).toEqual([])
})
