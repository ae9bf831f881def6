import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { gunzipFile, gzipFile } from '../../src/archive/gzip-file.ts'
import { extractTarGz } from '../../src/archive/tar-read.ts'
import { writeTarGz } from '../../src/archive/tar-write.ts'
import { extractZip } from '../../src/archive/zip-read.ts'
import { writeZip } from '../../src/archive/zip-write.ts'
import { archiveIn } from '../helpers/archive-child.ts'
import { missing } from '../helpers/needs.ts'
import { noise } from '../helpers/random.ts'
import { temporaryFolder } from '../helpers/temp.ts'
import { noMounts, volume } from '../helpers/volume.ts'

const MOUNT = '(needs the right to mount)'
/** Fuller than a sick volume has room for. */
function tree(dir: string): string {
  const root = join(dir, 'tree')
  mkdirSync(join(root, 'many'), { recursive: true })
  writeFileSync(join(root, 'noise'), noise(4_000_000))
  for (let index = 0; index < 30; index += 1) writeFileSync(join(root, 'many', String(index)), noise(100, index))
  return root
}

type Making = { root: string; small: string }
/** Everything that writes an archive, by what it writes. */
const WRITERS: [string, (at: Making) => Promise<unknown>][] = [
  [
    'a zip',
    ({ root, small }) => writeZip({ root, exclude: [], to: join(small, 'new.zip'), index: join(small, 'x.index') }),
  ],
  ['a tarball', ({ root, small }) => writeTarGz({ root, exclude: [], to: join(small, 'new.tar.gz') })],
  ['a .gz', ({ root, small }) => gzipFile(join(root, 'noise'), join(small, 'new.gz'))],
]
const READERS: [string, (at: Making, dir: string) => Promise<() => Promise<unknown>>][] = [
  [
    'a zip',
    async ({ root, small }, dir) => {
      await writeZip({ root, exclude: [], to: join(dir, 'x.zip') })
      return () => extractZip(join(dir, 'x.zip'), join(small, 'back'))
    },
  ],
  [
    'a tarball',
    async ({ root, small }, dir) => {
      await writeTarGz({ root, exclude: [], to: join(dir, 'x.tar.gz') })
      return () => extractTarGz(join(dir, 'x.tar.gz'), join(small, 'back'))
    },
  ],
  [
    'a .gz',
    async ({ root, small }, dir) => {
      await gzipFile(join(root, 'noise'), join(dir, 'x.gz'))
      return () => gunzipFile(join(dir, 'x.gz'), join(small, 'back'))
    },
  ],
]

test.skipIf(noMounts).each(WRITERS)(
  `fault 20: a full disk leaves nothing of %s and the older as it was ${MOUNT}`,
  async (_, write) => {
    const dir = temporaryFolder()
    const small = volume(join(dir, 'small'), 'size=1m')
    writeFileSync(join(small, 'older'), 'kept')
    await expect(write({ root: tree(dir), small })).rejects.toThrow(/ENOSPC/)
    expect(readdirSync(small)).toEqual(['older'])
    expect(readFileSync(join(small, 'older'), 'utf8')).toBe('kept')
  },
)

test.skipIf(noMounts).each(READERS)(
  `fault 20: a full disk leaves nothing of %s that is unpacked ${MOUNT}`,
  async (_, prepare) => {
    const dir = temporaryFolder()
    const small = volume(join(dir, 'small'), 'size=2m')
    const read = await prepare({ root: tree(dir), small }, dir)
    // Seen before anything is written where the archive tells its size, and else when the disk does.
    await expect(read()).rejects.toThrow(/ENOSPC|more than the \d+ allowed/)
    expect(readdirSync(small)).toEqual([])
  },
)

test.skipIf(noMounts).each(WRITERS)(`fault 21: without inodes nothing is left of %s ${MOUNT}`, async (_, write) => {
  const dir = temporaryFolder()
  const small = volume(join(dir, 'small'), 'size=50m,nr_inodes=2')
  writeFileSync(join(small, 'older'), 'kept')
  await expect(write({ root: tree(dir), small })).rejects.toThrow(/ENOSPC/)
  expect(readdirSync(small)).toEqual(['older'])
})

test.skipIf(noMounts).each(READERS.slice(0, 2))(
  `fault 21: without inodes nothing is left of %s that is unpacked ${MOUNT}`,
  async (_, prepare) => {
    const dir = temporaryFolder()
    const small = volume(join(dir, 'small'), 'size=50m,nr_inodes=10')
    const read = await prepare({ root: tree(dir), small }, dir)
    await expect(read()).rejects.toThrow(/ENOSPC/)
    expect(readdirSync(small)).toEqual([])
  },
)

test.skipIf(missing('prlimit'))(
  'fault 22: a file that may not grow so large leaves nothing (needs util-linux)',
  async () => {
    const dir = temporaryFolder()
    const root = tree(dir)
    const to = join(dir, 'to')
    mkdirSync(to)
    const limit = ['prlimit', '--fsize=500000']
    const tasks = [
      { do: 'zip', root, to: join(to, 'x.zip'), index: join(to, 'x.index') },
      { do: 'tar', root, to: join(to, 'x.tar.gz') },
      { do: 'gzip', from: join(root, 'noise'), to: join(to, 'x.gz') },
    ] as const
    for (const task of tasks) {
      const { code, err } = await archiveIn(limit, task)
      expect(code, task.do).not.toBe(0)
      expect(err).toMatch(/EFBIG/)
      expect(readdirSync(to), task.do).toEqual([])
    }
    await writeZip({ root, exclude: [], to: join(to, 'x.zip') })
    const { code, err } = await archiveIn(limit, { do: 'unzip', from: join(to, 'x.zip'), to: join(to, 'back') })
    expect([code !== 0, /EFBIG/.test(err), readdirSync(to)]).toEqual([true, true, ['x.zip']])
  },
)

test.skipIf(noMounts)(`fault 27: tree, archive and what is unpacked may lie on three devices ${MOUNT}`, async () => {
  const dir = temporaryFolder()
  const root = tree(dir)
  const [one, two] = [volume(join(dir, 'one'), 'size=20m'), volume(join(dir, 'two'), 'size=20m')]
  await writeZip({ root, exclude: [], to: join(one, 'x.zip') })
  await extractZip(join(one, 'x.zip'), join(two, 'zip'))
  await writeTarGz({ root, exclude: [], to: join(two, 'x.tar.gz') })
  await extractTarGz(join(two, 'x.tar.gz'), join(one, 'tar'))
  for (const back of [join(two, 'zip'), join(one, 'tar')])
    expect(readFileSync(join(back, 'noise')).equals(readFileSync(join(root, 'noise')))).toBe(true)
})
