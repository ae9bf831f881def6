import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { removedAfter, removeTree } from '../../src/world/remove-tree.ts'
import { asOrdinaryUser } from '../helpers/ordinary-user.ts'
import { memoryFolder } from '../helpers/trees.ts'

/** A folder `tree` with folders in it that nobody may write to, or not even look into. */
function closedTree(dir: string): string {
  const tree = join(dir, 'tree')
  mkdirSync(join(tree, 'module/deep'), { recursive: true })
  mkdirSync(join(tree, 'secret'))
  for (const file of ['module/deep/a', 'module/b', 'secret/c']) writeFileSync(join(tree, file), 'x')
  mkdirSync(Buffer.concat([Buffer.from(`${tree}/module/odd-`), Buffer.from([0xff])]))
  writeFileSync(Buffer.concat([Buffer.from(`${tree}/module/odd-`), Buffer.from([0xff]), Buffer.from('/d')]), 'x')
  chmodSync(Buffer.concat([Buffer.from(`${tree}/module/odd-`), Buffer.from([0xff])]), 0o555)
  for (const folder of ['module/deep', 'module', 'secret']) chmodSync(join(tree, folder), 0o555)
  chmodSync(join(tree, 'secret'), 0o000)
  return tree
}

test('folders that may not be written to are removed by an ordinary user too', async () => {
  const dir = memoryFolder()
  await asOrdinaryUser(dir, async () => {
    await removeTree(closedTree(dir))
    await removeTree(join(dir, 'never there'))
  })
  expect(readdirSync(dir)).toEqual([])
})

test('what a link leads to keeps its mode and all that is in it', async () => {
  const dir = memoryFolder()
  await asOrdinaryUser(dir, async () => {
    const kept = join(dir, 'kept')
    mkdirSync(kept)
    writeFileSync(join(kept, 'a'), 'x')
    chmodSync(kept, 0o555)
    mkdirSync(join(dir, 'tree'))
    symlinkSync(kept, join(dir, 'tree/link'))
    chmodSync(join(dir, 'tree'), 0o555)
    symlinkSync(kept, join(dir, 'alone'))
    await removeTree(join(dir, 'tree'))
    await removeTree(join(dir, 'alone'))
    expect([readdirSync(dir), readdirSync(kept), statSync(kept).mode & 0o777]).toEqual([['kept'], ['a'], 0o555])
  })
})

test('a folder one may not remove anything from says so, and stays as it is', async () => {
  const dir = memoryFolder()
  await asOrdinaryUser(dir, async () => {
    mkdirSync(join(dir, 'closed/tree'), { recursive: true })
    chmodSync(join(dir, 'closed'), 0o555)
    await expect(removeTree(join(dir, 'closed/tree'))).rejects.toThrow('EACCES')
    expect(statSync(join(dir, 'closed')).mode & 0o777).toBe(0o555)
  })
})

test('what went wrong is what is told, not that the place could not be removed', async () => {
  const dir = memoryFolder()
  await asOrdinaryUser(dir, async () => {
    const tree = join(dir, 'closed/tree')
    const fail = async () => {
      mkdirSync(tree, { recursive: true })
      chmodSync(join(dir, 'closed'), 0o555)
      return Promise.reject(new Error('the disk is broken'))
    }
    await expect(removedAfter(tree, fail)).rejects.toThrow('the disk is broken')
    chmodSync(join(dir, 'closed'), 0o755)
    expect(await removedAfter(tree, async () => Promise.resolve('done'))).toBe('done')
    expect(existsSync(tree)).toBe(false)
  })
})
