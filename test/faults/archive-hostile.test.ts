import { execFileSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { gunzipFile } from '../../src/archive/gzip-file.ts'
import { extractTarGz, listTarGz } from '../../src/archive/tar-read.ts'
import { writeTarGz } from '../../src/archive/tar-write.ts'
import { extractZip } from '../../src/archive/zip-read.ts'
import { writeZip } from '../../src/archive/zip-write.ts'
import { hostileTar, pax } from '../helpers/hostile-tar.ts'
import type { HostileMember } from '../helpers/hostile-tar.ts'
import { temporaryFolder } from '../helpers/temp.ts'
import { oddTree, sameTree } from '../helpers/trees.ts'

const HOSTILE: [string, HostileMember[], RegExp][] = [
  ['a parent path', [{ name: '../evil', data: 'x' }], /leads out/],
  ['a parent path inside', [{ name: 'a/../../evil' }], /leads out/],
  ['a parent path in a pax header', [pax({ path: '../../evil' }), { name: 'fine', data: 'x' }], /leads out/],
  ['a parent path in a long name', [{ name: 'x', type: 'L', data: '../evil' }, { name: 'fine' }], /leads out/],
  ['an absolute path', [{ name: '/etc/evil' }], /absolute/],
  ['a dot part', [{ name: 'a/./b' }], /"\." part/],
  ['a link out', [{ name: 'l', type: '2', link: '../../etc/passwd' }], /leads out/],
  ['an absolute link', [{ name: 'l', type: '2', link: '/etc' }], /leads out/],
  ['a link out in a pax header', [pax({ linkpath: '/etc' }), { name: 'l', type: '2', link: 'fine' }], /leads out/],
  [
    'writing through a link',
    [
      { name: 'd', type: '2', link: 'e' },
      { name: 'd/f', data: 'x' },
    ],
    /through a link/,
  ],
  [
    'links that lead out together',
    [
      { name: 'p/q/b', type: '2', link: '../..' },
      { name: 'p/q/a', type: '2', link: 'b/../x' },
    ],
    /leads out/,
  ],
  [
    'writing below a file',
    [
      { name: 'd', data: 'e' },
      { name: 'd/f', data: 'x' },
    ],
    /is a file/,
  ],
  ['a hard link out', [{ name: 'h', type: '1', link: '/etc/passwd' }], /second name/],
  ['a hard link to a parent', [{ name: 'h', type: '1', link: '../../secret' }], /second name/],
  [
    'a hard link to a link',
    [
      { name: 's', type: '2', link: 'first' },
      { name: 'h', type: '1', link: 's' },
    ],
    /second name/,
  ],
  [
    'duplicate names',
    [
      { name: 'a', data: '1' },
      { name: './a', data: '2' },
    ],
    /twice/,
  ],
  ['a character device', [{ name: 'dev', type: '3' }], /device/],
  ['a block device', [{ name: 'dev', type: '4' }], /device/],
  ['a pipe', [{ name: 'pipe', type: '6' }], /device/],
  ['a sparse file of GNU', [{ name: 's', type: 'S' }], /no file/],
  ['a sparse file of pax', [pax({ 'GNU.sparse.major': '1' }), { name: 's' }], /sparse/],
  ['an absurd size', [{ name: 'big', size: 0o77777777777 }], /ends early|more than/],
  ['a negative size', [{ name: 'big', size: 'base256' }], /absurd/],
  ['an absurd size in a pax header', [pax({ size: '99999999999999999999' }), { name: 'big' }], /malformed|absurd/],
  ['a size for everything', [pax({ size: '5' }, 'g'), { name: 'a' }], /global/],
  ['a malformed pax header', [{ name: 'x', type: 'x', data: '99 path=a\n' }, { name: 'a' }], /malformed/],
  ['a wrong checksum', [{ name: 'a', sum: 1 }], /checksum/],
  ['an empty name', [{ name: '' }], /empty name/],
]

test.each(HOSTILE)('fault 53: a tarball with %s is refused whole', async (_, members, why) => {
  const dir = temporaryFolder()
  const path = join(dir, 'evil.tar.gz')
  writeFileSync(path, hostileTar([{ name: 'first', data: 'innocent' }, ...members]))
  await expect(extractTarGz(path, join(dir, 'out/inner'))).rejects.toThrow(why)
  await expect(listTarGz(path)).rejects.toThrow('refused whole')
  expect(readdirSync(dir)).toEqual(['evil.tar.gz'])
})

test('fault 53: a bomb is not read to its end, whatever its headers say', async () => {
  const dir = temporaryFolder()
  const path = join(dir, 'bomb.tar.gz')
  writeFileSync(path, hostileTar([{ name: 'b', data: '0'.repeat(30_000_000) }]))
  expect(lstatSync(path).size).toBeLessThan(100_000)
  await expect(extractTarGz(path, join(dir, 'out'), { limits: { bytes: 1_000_000 } })).rejects.toThrow('more than')
  await expect(listTarGz(path, { entries: 0 })).rejects.toThrow('more than 0 entries')
  writeFileSync(join(dir, 'bomb.gz'), gzipSync(Buffer.alloc(30_000_000)))
  await expect(gunzipFile(join(dir, 'bomb.gz'), join(dir, 'out'), { limit: 1_000_000 })).rejects.toThrow('more than')
  expect(readdirSync(dir).toSorted()).toEqual(['bomb.gz', 'bomb.tar.gz'])
})

test('fault 53: an archive that was cut, or goes on behind its end, is refused', async () => {
  const dir = temporaryFolder()
  const path = join(dir, 'x.tar.gz')
  writeFileSync(path, hostileTar([{ name: 'a', data: 'x' }], 0))
  await expect(extractTarGz(path, join(dir, 'out'))).rejects.toThrow('ends early')
  const whole = hostileTar([{ name: 'a', data: 'x' }])
  writeFileSync(path, whole.subarray(0, -10))
  await expect(extractTarGz(path, join(dir, 'out'))).rejects.toThrow('damaged')
  writeFileSync(path, Buffer.concat([whole, gzipSync(Buffer.alloc(512, 'y'))]))
  await expect(extractTarGz(path, join(dir, 'out'))).rejects.toThrow('behind its end')
  expect(readdirSync(dir)).toEqual(['x.tar.gz'])
})

test('fault 53: set-user bits are never restored, and a hard link inside is', async () => {
  const dir = temporaryFolder()
  const root = join(dir, 'tree')
  mkdirSync(root)
  writeFileSync(join(root, 'suid'), 'x')
  execFileSync('chmod', ['4755', join(root, 'suid')])
  execFileSync('ln', [join(root, 'suid'), join(root, 'twin')])
  execFileSync('tar', ['-czf', join(dir, 'x.tar.gz'), '-C', root, '.'])
  await extractTarGz(join(dir, 'x.tar.gz'), join(dir, 'tar'))
  await writeZip({ root, exclude: [], to: join(dir, 'x.zip') })
  await extractZip(join(dir, 'x.zip'), join(dir, 'zip'))
  for (const back of ['tar', 'zip']) expect(lstatSync(join(dir, back, 'suid')).mode & 0o7777).toBe(0o755)
  expect(readFileSync(join(dir, 'tar/twin'), 'utf8')).toBe('x')
})

test('fault 54: a link planted where an archive or a folder should be is neither followed nor replaced', async () => {
  const dir = temporaryFolder()
  const root = join(dir, 'tree')
  mkdirSync(root)
  mkdirSync(join(dir, 'victim'))
  writeFileSync(join(root, 'file'), 'x')
  writeFileSync(join(dir, 'secret'), 'secret')
  for (const name of ['x.zip', 'x.tar.gz']) symlinkSync('secret', join(dir, name))
  await expect(writeZip({ root, exclude: [], to: join(dir, 'x.zip') })).rejects.toThrow('exists already')
  await expect(writeTarGz({ root, exclude: [], to: join(dir, 'x.tar.gz') })).rejects.toThrow('exists already')
  expect([readFileSync(join(dir, 'secret'), 'utf8'), readlinkSync(join(dir, 'x.zip'))]).toEqual(['secret', 'secret'])
  await writeZip({ root, exclude: [], to: join(dir, 'good.zip') })
  symlinkSync('victim', join(dir, 'out'))
  await expect(extractZip(join(dir, 'good.zip'), join(dir, 'out'))).rejects.toThrow('exists already')
  expect(readdirSync(join(dir, 'victim'))).toEqual([])
  symlinkSync('good.zip', join(dir, 'linked.zip'))
  await expect(extractZip(join(dir, 'linked.zip'), join(dir, 'other'))).rejects.toThrow(/ELOOP/)
  expect(existsSync(join(dir, 'other'))).toBe(false)
})

test('fault 55: odd names come back byte for byte from both kinds of archive', async () => {
  const dir = temporaryFolder()
  const root = await oddTree(join(dir, 'tree'))
  await writeZip({ root, exclude: [], to: join(dir, 'x.zip') })
  await extractZip(join(dir, 'x.zip'), join(dir, 'zip'))
  sameTree(root, join(dir, 'zip'))
  await writeTarGz({ root, exclude: [], to: join(dir, 'x.tar.gz') })
  await extractTarGz(join(dir, 'x.tar.gz'), join(dir, 'tar'))
  sameTree(root, join(dir, 'tar'))
})

test('fault 56: pipes, sockets and devices do not hang it and are named; sparse files and hard links keep their bytes', async () => {
  const dir = temporaryFolder()
  const root = join(dir, 'tree')
  mkdirSync(root)
  writeFileSync(join(root, 'file'), 'x')
  execFileSync('mkfifo', [join(root, 'pipe')])
  const socket = createServer().listen(join(root, 'sock'))
  await once(socket, 'listening')
  onTestFinished(() => void socket.close())
  execFileSync('truncate', ['-s', '50M', join(root, 'sparse')])
  execFileSync('ln', [join(root, 'file'), join(root, 'twin')])
  const zip = await writeZip({ root, exclude: [], to: join(dir, 'x.zip') })
  const tar = await writeTarGz({ root, exclude: [], to: join(dir, 'x.tar.gz') })
  for (const made of [zip, tar]) expect(made).toMatchObject({ files: 3, skipped: ['pipe', 'sock'], unsettled: [] })
  await extractZip(join(dir, 'x.zip'), join(dir, 'zip'))
  await extractTarGz(join(dir, 'x.tar.gz'), join(dir, 'tar'))
  for (const back of ['zip', 'tar']) {
    expect(readFileSync(join(dir, back, 'twin'), 'utf8')).toBe('x')
    expect(lstatSync(join(dir, back, 'sparse')).size).toBe(50 << 20)
    // A hole stays one.
    expect(lstatSync(join(dir, back, 'sparse')).blocks * 512).toBeLessThan(1 << 20)
  }
})
