import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { statePaths } from '../../src/core/paths.ts'
import { backupsInUse, markInUse, releaseInUse, unlessInUse } from '../../src/records/in-use.ts'
import { ownMark } from '../../src/world/identity.ts'
import { temporaryFolder } from '../helpers/repository.ts'

const run = 'verify-20251121_120711Z-a1b2'

test('a backup in use is named with the run that uses it, until it is let go', async () => {
  const root = temporaryFolder()
  await markInUse(root, 'quick-1', run)
  expect([...(await backupsInUse(root))]).toEqual([['quick-1', run]])
  let removed = false
  expect(await unlessInUse(root, 'quick-1', async () => void (removed = true))).toBe(run)
  expect(removed).toBe(false)
  expect(await unlessInUse(root, 'quick-2', async () => void (removed = true))).toBe(null)
  expect(removed).toBe(true)
  await releaseInUse(root, 'quick-1', run)
  expect((await backupsInUse(root)).size).toBe(0)
})

test('an id is no path, however it is spelled', async () => {
  const root = temporaryFolder()
  await markInUse(root, '../../../etc/passwd', run)
  expect(await readdir(root)).toEqual(['.knowngood'])
  expect([...(await backupsInUse(root)).keys()]).toEqual(['../../../etc/passwd'])
})

test.each([
  ['and has an end', '{"k":"begin"}\n{"k":"end","exit":4}\n', 0],
  ['and never came to one', '{"k":"begin"}\n{"k":"intent"}\n', 1],
])('the mark of a process that is gone counts while its run was begun %s', async (_, journal, left) => {
  const root = temporaryFolder()
  await markInUse(root, 'quick-1', run)
  const [name = ''] = await readdir(join(root, '.knowngood/in-use'))
  const gone = { backup: 'quick-1', run, ...ownMark(), pid: 2 ** 22 - 1 }
  await writeFile(join(root, '.knowngood/in-use', name), JSON.stringify(gone))
  await mkdir(dirname(statePaths(root).journal(run)), { recursive: true })
  await writeFile(statePaths(root).journal(run), journal)
  expect((await backupsInUse(root)).size).toBe(left)
})
