import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeTarGz } from '../../src/archive/tar-write.ts'
import { writeZip } from '../../src/archive/zip-write.ts'
import { restoreFileCalls } from '../../src/calls/restore-file.ts'
import { archiveCalls } from '../../src/calls/verify-archive.ts'
import { testIo } from '../helpers/io.ts'
import { asOrdinaryUser } from '../helpers/ordinary-user.ts'
import { memoryFolder } from '../helpers/trees.ts'

/** An archive of a tree such as Go's module cache is: what is in its folders may not be changed. */
async function modules(dir: string, name: 'site.zip' | 'site.tar.gz'): Promise<string> {
  const tree = join(dir, 'tree')
  mkdirSync(join(tree, 'vendor/mod/deep'), { recursive: true })
  for (const file of ['vendor/mod/a', 'vendor/mod/deep/b']) writeFileSync(join(tree, file), 'x')
  for (const folder of ['vendor/mod/deep', 'vendor/mod']) chmodSync(join(tree, folder), 0o555)
  const pack = name === 'site.zip' ? writeZip : writeTarGz
  await pack({ root: tree, exclude: [], to: join(dir, name), threads: 0 })
  return join(dir, name)
}

test('an ordinary user proves an archive that holds read-only folders, and nothing of it is left', async () => {
  const dir = memoryFolder()
  const io = testIo(dir)
  await asOrdinaryUser(dir, async () => {
    const file = await modules(dir, 'site.zip')
    expect(await archiveCalls['archive.test']({ file }, io)).toMatchObject({ counts: { entries: 5 } })
    expect(readdirSync(io.dir)).toEqual([])
    const to = join(dir, 'unpacked')
    await archiveCalls['archive.unpack']({ file, to }, io)
    await archiveCalls['archive.remove']({ to })
    expect(existsSync(to)).toBe(false)
  })
})

test.each(['site.zip', 'site.tar.gz'] as const)('an ordinary user takes a read-only folder out of %s', async (name) => {
  const dir = memoryFolder()
  const at = join(dir, 'out')
  await asOrdinaryUser(dir, async () => {
    const file = await modules(dir, name)
    const places = [{ path: name, file }]
    await restoreFileCalls['restore.file']({ places, folder: null, path: 'vendor/mod', dir: at }, testIo(dir))
    expect([readdirSync(at), readdirSync(join(at, 'vendor'))]).toEqual([['vendor'], ['mod']])
    const found = readdirSync(join(at, 'vendor/mod'), { recursive: true, encoding: 'utf8' })
    expect(found.toSorted()).toEqual(['a', 'deep', 'deep/b'])
    expect(statSync(join(at, 'vendor/mod')).mode & 0o777).toBe(0o555)
    await restoreFileCalls['restore.file.remove']({ to: join(at, 'vendor/mod'), was: { free: true } })
    expect(readdirSync(join(at, 'vendor'))).toEqual([])
  })
})
