import { existsSync } from 'node:fs'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { built } from './helpers/built.ts'
import { operator } from './helpers/operator.ts'

/** Writes to it fail as on a disk without room. */
const FULL = '/dev/full'
const here = existsSync(FULL)

test.runIf(here)('a result that a full disk does not take ends with 1 and says why, without a stack', async () => {
  const { demo } = await operator()
  const { exitCode, stderr } = await execa('sh', ['-c', `exec "$@" > ${FULL}`, 'sh', ...built('status')], {
    cwd: demo.root,
    env: demo.env,
    reject: false,
  })
  expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/^The result could not be written whole: ENOSPC.*\.$/)])
})

test.runIf(here)('a deploy whose words a full disk does not take goes on to its end', { timeout: 60_000 }, async () => {
  const { demo, kg, ready } = await operator()
  await ready()
  const { exitCode } = await execa('sh', ['-c', `exec "$@" 2> ${FULL}`, 'sh', ...built('deploy', '--yes')], {
    cwd: demo.root,
    env: demo.env,
    reject: false,
  })
  expect(exitCode).toBe(0)
  const { json } = await kg(['releases', '--json'])
  expect(JSON.stringify(json)).toContain(`"outcome":"certified"`)
})
