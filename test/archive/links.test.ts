import { mkdirSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { nameFlaw } from '../../src/archive/entries.ts'
import { linksOut } from '../../src/archive/links-out.ts'
import { extractTarGz } from '../../src/archive/tar-read.ts'
import { writeTarGz } from '../../src/archive/tar-write.ts'
import { extractZip } from '../../src/archive/zip-read.ts'
import { writeZip } from '../../src/archive/zip-write.ts'
import { memoryFolder, sameTree } from '../helpers/trees.ts'

/** What the writers take, the readers give back; what these would refuse, those do. */

let dir = ''
let tree = ''
beforeEach(() => {
  dir = memoryFolder()
  tree = join(dir, 'tree')
  mkdirSync(tree)
  writeFileSync(join(tree, 'file'), 'content')
})

const formats = [
  ['zip', writeZip, extractZip],
  ['tar.gz', writeTarGz, extractTarGz],
] as const

describe.each(formats)('%s', (name, write, extract) => {
  const to = (): string => join(dir, `x.${name}`)

  test('rings of links and names with backslashes and drives come back as they were', async () => {
    symlinkSync('b', join(tree, 'a_'))
    symlinkSync('a_', join(tree, 'b'))
    symlinkSync('self', join(tree, 'self'))
    mkdirSync(join(tree, 'c:'))
    for (const odd of ['C:\\temp\\log.txt', 'a\\..\\b', '..\\up', 'c:/f']) writeFileSync(join(tree, odd), odd)
    await write({ root: tree, exclude: [], to: to() })
    await extract(to(), join(dir, 'back'))
    sameTree(tree, join(dir, 'back'))
    expect(readlinkSync(join(dir, 'back/self'))).toBe('self')
  })

  test('a link that leads out through another one is refused when it is packed', async () => {
    mkdirSync(join(tree, 'a'))
    symlinkSync('..', join(tree, 'a/k'))
    symlinkSync('a/k/../x', join(tree, 'l'))
    await expect(write({ root: tree, exclude: [], to: to() })).rejects.toThrow('l is a link that leads out of the tree')
    await write({ root: tree, exclude: [], without: new Set(['l']), to: to() })
    await extract(to(), join(dir, 'back'))
  })

  test('what is left out by its path takes nothing else along, whatever it is called', async () => {
    for (const odd of ['src*', 'srcs', 'src', '\u00e9', 'sub']) mkdirSync(join(tree, odd))
    for (const odd of ['src*/in', 'srcs/in', 'src/in', '\u00e9/in', 'sub/src*']) writeFileSync(join(tree, odd), odd)
    const without = new Set(['src*', Buffer.from('\u00e9').toString('latin1')])
    await write({ root: tree, exclude: [], without, to: to() })
    await extract(to(), join(dir, 'back'))
    const back = readdirSync(join(dir, 'back'), { recursive: true, encoding: 'utf8' })
    expect(back.toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
      'file',
      'src',
      'src/in',
      'srcs',
      'srcs/in',
      'sub',
      'sub/src*',
    ])
  })
})

test.each([
  [{ a: 'b', b: 'a' }, []],
  [{ a: 'a/x' }, []],
  [{ a: 'a/../../x' }, ['a']],
  [{ 'd/a': '../..' }, ['d/a']],
  [{ 'd/k': '..', l: 'd/k/../x' }, ['l']],
  [{ a: '/etc', b: 'a/x' }, ['a', 'b']],
  [{ a: '' }, ['a']],
])('of %j these lead out: %j', (links, out) => {
  expect(linksOut(new Map(Object.entries<string>(links)))).toEqual(out)
})

test('a chain of links longer than any system follows counts as leading out', () => {
  const chain = (length: number) =>
    new Map(
      Array.from({ length }, (_, index) => [`l${index}`, index === length - 1 ? 'end' : `l${index + 1}`] as const),
    )
  expect(linksOut(chain(40))).toEqual([])
  expect(linksOut(chain(50))).toContain('l0')
})

test.each(['C:\\evil', 'c:/evil', 'a\\..\\..\\evil', '\\\\host\\share'])(
  'on Windows %s is refused, elsewhere it is a name',
  (name) => {
    expect(nameFlaw(Buffer.from(name), true)).not.toBeNull()
    expect(nameFlaw(Buffer.from(name), false)).toBeNull()
  },
)
