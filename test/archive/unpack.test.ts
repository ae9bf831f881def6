import { chmodSync, lstatSync, lutimesSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { extractTarGz } from '../../src/archive/tar-read.ts'
import { writeTarGz } from '../../src/archive/tar-write.ts'
import { extractZip } from '../../src/archive/zip-read.ts'
import { writeZip } from '../../src/archive/zip-write.ts'
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
  'files, folders and links of a %s have their times, those before 1970 too',
  async (ending, write, extract) => {
    const dir = memoryFolder()
    const [tree, back, archive] = [join(dir, 'tree'), join(dir, 'back'), join(dir, `x.${ending}`)]
    mkdirSync(join(tree, 'folder'), { recursive: true })
    for (const name of ['old', 'new', 'folder/long'])
      writeFileSync(join(tree, name), name.repeat(name === 'folder/long' ? 300_000 : 1))
    symlinkSync('folder', join(tree, 'link'))
    symlinkSync('nowhere', join(tree, 'folder/old link'))
    const times = {
      old: '1965-03-04',
      new: '2024-02-29',
      'folder/long': '1901-12-31',
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
    const found = Object.keys(times).map((name) => [name, lstatSync(join(back, name)).mtime.toISOString()])
    expect(Object.fromEntries(found)).toEqual(
      Object.fromEntries(Object.entries(times).map(([name, day]) => [name, `${day}T05:06:07.000Z`])),
    )
  },
)
