import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { moveTree } from '../../src/world/move-tree.ts'
import { asOrdinaryUser } from '../helpers/ordinary-user.ts'
import { memoryFolder } from '../helpers/trees.ts'

/** A folder that may not be written to, and another one to move it to. */
function closed(dir: string): string {
  mkdirSync(join(dir, 'from/module'), { recursive: true })
  mkdirSync(join(dir, 'to'))
  writeFileSync(join(dir, 'from/module/a'), 'x')
  utimesSync(join(dir, 'from/module'), 1_000, 1_000)
  chmodSync(join(dir, 'from/module'), 0o551)
  return join(dir, 'from/module')
}

test('a folder that may not be written to is moved, and is as it was', async () => {
  const dir = memoryFolder()
  await asOrdinaryUser(dir, async () => moveTree(closed(dir), join(dir, 'to/module')))
  const { mode, mtimeMs } = statSync(join(dir, 'to/module'))
  expect([mode & 0o777, mtimeMs, readFileSync(join(dir, 'to/module/a'), 'utf8')]).toEqual([0o551, 1_000_000, 'x'])
  expect(readdirSync(join(dir, 'from'))).toEqual([])
})

test('one that cannot be moved keeps its mode where it is', async () => {
  const dir = memoryFolder()
  await asOrdinaryUser(dir, async () => {
    const from = closed(dir)
    chmodSync(join(dir, 'to'), 0o555)
    await expect(moveTree(from, join(dir, 'to/module'))).rejects.toThrow('EACCES')
    expect([statSync(from).mode & 0o777, readdirSync(join(dir, 'to'))]).toEqual([0o551, []])
  })
})
