import {
  chmodSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { extractTarGz } from '../../src/archive/tar-read.ts'
import { writeTarGz } from '../../src/archive/tar-write.ts'
import { extractZip } from '../../src/archive/zip-read.ts'
import { writeZip } from '../../src/archive/zip-write.ts'
import { hostileTar } from '../helpers/hostile-tar.ts'
import { asOrdinaryUser } from '../helpers/ordinary-user.ts'
import { memoryFolder } from '../helpers/trees.ts'

/** Instead of the system's `sync`, one that fails. */
function brokenSync(dir: string): void {
  mkdirSync(join(dir, 'bin'))
  writeFileSync(join(dir, 'bin/sync'), '#!/bin/sh\necho "the disk is broken" >&2\nexit 1\n', { mode: 0o755 })
  const path = process.env['PATH']
  process.env['PATH'] = `${join(dir, 'bin')}:${path}`
  onTestFinished(() => void (process.env['PATH'] = path))
}

/** What begins each member's entry in the directory of a zip. */
const CENTRAL = Buffer.from([0x50, 0x4b, 1, 2])
const KINDS = [
  ['zip', writeZip, extractZip],
  ['tar.gz', writeTarGz, extractTarGz],
] as const

test.each(KINDS)(
  'a %s with read-only folders that does not come to the disk leaves nothing, and says why',
  async (ending, write, extract) => {
    const dir = memoryFolder()
    const archive = join(dir, `x.${ending}`)
    await asOrdinaryUser(dir, async () => {
      mkdirSync(join(dir, 'tree/module'), { recursive: true })
      writeFileSync(join(dir, 'tree/module/a'), 'x')
      chmodSync(join(dir, 'tree/module'), 0o555)
      await write({ root: join(dir, 'tree'), exclude: [], to: archive, threads: 0 })
      mkdirSync(join(dir, 'to'))
      brokenSync(dir)
      await expect(extract(archive, join(dir, 'to/tree'), { threads: 0 })).rejects.toThrow('sync -f ended with code 1')
    })
    expect(readdirSync(join(dir, 'to'))).toEqual([])
  },
)

test.each(KINDS)(
  'files, folders and links of a %s have their times, those long ago and far ahead too',
  async (ending, write, extract) => {
    const dir = memoryFolder()
    const [tree, back, archive] = [join(dir, 'tree'), join(dir, 'back'), join(dir, `x.${ending}`)]
    mkdirSync(join(tree, 'folder'), { recursive: true })
    for (const name of ['old', 'new', 'folder/long'])
      writeFileSync(join(tree, name), name.repeat(name === 'folder/long' ? 300_000 : 1))
    for (const name of ['first', 'far', 'farthest']) writeFileSync(join(tree, 'folder', name), name)
    symlinkSync('folder', join(tree, 'link'))
    symlinkSync('nowhere', join(tree, 'folder/old link'))
    const times = {
      old: '1965-03-04',
      new: '2024-02-29',
      'folder/long': '1901-12-31',
      'folder/first': '1890-03-04',
      'folder/far': '2050-03-04',
      'folder/farthest': '2150-03-04',
      link: '2001-09-09',
      'folder/old link': '1969-12-31',
      folder: '1968-08-20',
    }
    for (const [name, day] of Object.entries(times)) {
      const at = new Date(`${day}T05:06:07Z`)
      lutimesSync(join(tree, name), at, at)
    }
    await write({ root: tree, exclude: [], to: archive, threads: 0 })
    await extract(archive, back, { threads: 0 })
    // Not every file system has room for all of them.
    const timesIn = (root: string) =>
      Object.fromEntries(Object.keys(times).map((name) => [name, lstatSync(join(root, name)).mtime.toISOString()]))
    expect(timesIn(tree)).toMatchObject({ old: '1965-03-04T05:06:07.000Z', link: '2001-09-09T05:06:07.000Z' })
    expect(timesIn(back)).toEqual(timesIn(tree))
  },
)

test.skipIf(process.getuid?.() !== 0).each(KINDS)(
  'what nobody may open comes back from a %s as it was (as root)',
  async (ending, write, extract) => {
    const dir = memoryFolder()
    const [tree, back, archive] = [join(dir, 'tree'), join(dir, 'back'), join(dir, `x.${ending}`)]
    mkdirSync(join(tree, 'closed folder'), { recursive: true })
    writeFileSync(join(tree, 'closed'), 'x')
    for (const name of ['closed', 'closed folder']) chmodSync(join(tree, name), 0o000)
    await write({ root: tree, exclude: [], to: archive, threads: 0 })
    await extract(archive, back, { threads: 0 })
    expect(['closed', 'closed folder'].map((name) => lstatSync(join(back, name)).mode & 0o777)).toEqual([0, 0])
  },
)

test('what an archive gives no modes can be read and gone into', async () => {
  const dir = memoryFolder()
  mkdirSync(join(dir, 'tree/folder'), { recursive: true })
  writeFileSync(join(dir, 'tree/file'), 'x', { mode: 0o600 })
  await writeZip({ root: join(dir, 'tree'), exclude: [], to: join(dir, 'unix.zip'), threads: 0 })
  const dos = readFileSync(join(dir, 'unix.zip'))
  // Made by MS-DOS (APPNOTE 4.4.2): its members have no Unix modes.
  for (let at = dos.indexOf(CENTRAL); at >= 0; at = dos.indexOf(CENTRAL, at + 4)) dos[at + 5] = 0
  writeFileSync(join(dir, 'x.zip'), dos)
  const blank = { mode: ' '.repeat(7) }
  writeFileSync(
    join(dir, 'x.tar.gz'),
    hostileTar([
      { name: 'folder/', type: '5', ...blank },
      { name: 'file', ...blank },
    ]),
  )
  for (const [ending, , extract] of KINDS) {
    const back = join(dir, ending.slice(0, 3))
    await extract(join(dir, `x.${ending}`), back, { threads: 0 })
    expect(['file', 'folder'].map((name) => lstatSync(join(back, name)).mode & 0o777)).toEqual([0o644, 0o755])
  }
})
