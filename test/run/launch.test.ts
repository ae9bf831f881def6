import { spawnSync } from 'node:child_process'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tinyRoot } from '../helpers/tiny-run.ts'

const program = join(import.meta.dirname, '../fixtures/tiny-launch.ts')
const start = (args: string[], env = {}) =>
  spawnSync(process.execPath, [program, ...args], { encoding: 'utf8', env: { ...process.env, ...env } })

test('a launched run is a process of its own, and one that was killed is settled by another', async () => {
  const root = await tinyRoot()
  expect(start([root], { KILL_AT: '3:middle' }).stdout).toBe('interrupted \n')
  expect(start([root, 'settle'], { KNOWNGOOD_NOW: '2025-11-21T12:00:00Z' }).stdout).toBe('ended done\n')
  expect((await readdir(join(root, 'made'))).toSorted()).toEqual(['1', '2', '3', '4', '5'])
  await rm(root, { recursive: true })
})
