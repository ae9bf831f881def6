import { execFileSync, spawnSync } from 'node:child_process'
import { lstatSync, readFileSync, readdirSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { folderSize, freeSpace } from '../../src/world/disk.ts'
import {
  appendLine,
  makeFolder,
  makeFolderNow,
  readJson,
  readText,
  writeNew,
  writeWhole,
} from '../../src/world/files.ts'
import { sweepTemporaries } from '../../src/world/leftovers.ts'
import { withShortLock } from '../../src/world/short-lock.ts'
import { mayMount, mountSmall } from '../helpers/mounts.ts'
import { temporaryFolder } from '../helpers/temp.ts'

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kg-files-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

test('a file is written whole, private, over the one before it', async () => {
  const path = join(dir, 'deep/er/file')
  await writeWhole(path, 'one')
  await writeWhole(path, 'two')
  expect(readFileSync(path, 'utf8')).toBe('two')
  expect(lstatSync(path).mode & 0o777).toBe(0o600)
  expect(lstatSync(join(dir, 'deep')).mode & 0o777).toBe(0o700)
  await writeWhole(join(dir, 'open'), 'x', { mode: 0o644 })
  expect(lstatSync(join(dir, 'open')).mode & 0o777).toBe(0o644)
  expect(readdirSync(join(dir, 'deep/er'))).toEqual(['file'])
})

test.skipIf(!mayMount)('a folder that a read-only volume refuses is not called missing', async () => {
  const volume = temporaryFolder()
  mountSmall(volume, '1m')
  await mkdir(join(volume, 'there'))
  execFileSync('mount', ['-o', 'remount,ro', volume])
  for (const path of ['there/new', 'new', 'new/er'])
    await expect(makeFolder(join(volume, path))).rejects.toMatchObject({ code: 'EROFS' })
  expect(() => makeFolderNow(join(volume, 'there/new'))).toThrow('EROFS')
})

test('a planted link is neither followed nor replaced', async () => {
  await writeFile(join(dir, 'victim'), 'kept')
  await symlink('victim', join(dir, 'link'))
  await expect(writeWhole(join(dir, 'link'), 'x')).rejects.toThrow('symbolic link')
  await expect(appendLine(join(dir, 'link'), 'x')).rejects.toThrow('ELOOP')
  expect(await writeNew(join(dir, 'link'), 'x')).toBe(false)
  expect(readFileSync(join(dir, 'victim'), 'utf8')).toBe('kept')
})

test('of twenty makers of one name one gets it', async () => {
  const made = await Promise.all(Array.from({ length: 20 }, (_, index) => writeNew(join(dir, 'name'), String(index))))
  expect(made.filter(Boolean)).toHaveLength(1)
  expect(readFileSync(join(dir, 'name'), 'utf8')).toBe(String(made.indexOf(true)))
  expect(readdirSync(dir)).toEqual(['name'])
})

test('a torn last line is left alone and the next starts on its own', async () => {
  const path = join(dir, 'log')
  await appendLine(path, 'one')
  await writeFile(path, 'one\ntor')
  await appendLine(path, 'two')
  expect(readFileSync(path, 'utf8')).toBe('one\ntor\ntwo\n')
  await expect(appendLine(path, 'a\nb')).rejects.toThrow('line break')
})

test('what is absent is null, what is broken says which file', async () => {
  expect(await readText(join(dir, 'none'))).toBeNull()
  expect(await readJson(join(dir, 'none'))).toBeNull()
  await writeFile(join(dir, 'bad.json'), '{')
  await expect(readJson(join(dir, 'bad.json'))).rejects.toThrow('bad.json')
})

test('names of 255 bytes can be written', async () => {
  await writeWhole(join(dir, 'x'.repeat(255)), 'long')
  expect(readdirSync(dir)).toEqual(['x'.repeat(255)])
})

test('temporaries of a killed process are swept, those of a living or recent one are not', async () => {
  const gone = spawnSync('true').pid
  const names = [
    `.knowngood-${gone}-aaaaaaaaaaaa.tmp`,
    `.knowngood-${process.pid}-bbbbbbbbbbbb.tmp`,
    '.knowngood-notes.tmp',
  ]
  for (const name of names) {
    await writeFile(join(dir, name), 'x')
    await utimes(join(dir, name), 0, 0)
  }
  await writeFile(join(dir, `.knowngood-${gone}-cccccccccccc.tmp`), 'x')
  await sweepTemporaries(dir)
  expect(readdirSync(dir).toSorted()).toEqual([...names.slice(1), `.knowngood-${gone}-cccccccccccc.tmp`].toSorted())
})

test('space and size', async () => {
  const { free, total } = await freeSpace(join(dir, 'not/yet/there'))
  expect(total).toBeGreaterThan(free - 1)
  await mkdir(join(dir, 'a/b'), { recursive: true })
  await writeFile(join(dir, 'a/b/file'), 'x'.repeat(500))
  await writeFile(join(dir, 'a/file'), 'x'.repeat(100))
  await symlink('/', join(dir, 'a/root'))
  expect(await folderSize(join(dir, 'a'))).toBe(600)
  expect(await folderSize(join(dir, 'none'))).toBe(0)
})

test('a short lock lets one in at a time, and one that throws lets the next in', async () => {
  let inside = 0
  let most = 0
  const work = async (): Promise<void> => {
    most = Math.max(most, (inside += 1))
    await new Promise((resolve) => setTimeout(resolve, 5))
    inside -= 1
  }
  await Promise.all(Array.from({ length: 10 }, () => withShortLock(join(dir, 'locks/x'), work)))
  expect(most).toBe(1)
  await expect(withShortLock(join(dir, 'locks/x'), () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  await withShortLock(join(dir, 'locks/x'), work)
})

test('a short lock whose holder was killed is free at once', async () => {
  const module = new URL('../../src/world/short-lock.ts', import.meta.url).href
  const path = join(dir, 'locks/x')
  const script = `import { withShortLock } from '${module}'
    await withShortLock(${JSON.stringify(path)}, async () => { process.kill(process.pid, 'SIGKILL') })`
  spawnSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', script])
  const started = performance.now()
  await withShortLock(path, () => Promise.resolve())
  expect(performance.now() - started).toBeLessThan(2_000)
})

test('a full disk and one without inodes keep the older file', async (context) => {
  const mount = join(dir, 'small')
  await mkdir(mount)
  const root = process.getuid?.() === 0
  const mounted = root && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,nr_inodes=4', 'kg', mount]).status === 0
  if (!mounted) context.skip('a small file system can only be mounted by root')
  try {
    await writeWhole(join(mount, 'file'), 'older')
    await expect(writeWhole(join(mount, 'file'), 'x'.repeat(200_000))).rejects.toThrow('ENOSPC')
    expect(readdirSync(mount)).toEqual(['file'])
    for (const name of ['2', '3']) await writeFile(join(mount, name), '')
    await expect(writeWhole(join(mount, 'file'), 'newer')).rejects.toThrow('ENOSPC')
    expect(readFileSync(join(mount, 'file'), 'utf8')).toBe('older')
  } finally {
    spawnSync('umount', [mount])
  }
})

test('a folder that may not be written is an error', async (context) => {
  if (process.getuid?.() === 0) context.skip('root may write anywhere')
  await chmod(dir, 0o500)
  await expect(writeWhole(join(dir, 'file'), 'x')).rejects.toThrow('EACCES')
  await chmod(dir, 0o700)
})
