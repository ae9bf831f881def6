import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { built } from '../helpers/built.ts'
import { temporaryFolder } from '../helpers/temp.ts'

/** Types a command in a folder that is gone by then. */
function inGone(...args: string[]) {
  const command = built(...args).map((word) => `'${word}'`)
  const script = `mkdir gone && cd gone && rmdir ../gone && ${command.join(' ')}`
  return spawnSync('sh', ['-c', script], { cwd: temporaryFolder(), encoding: 'utf8', input: '' })
}

test.each([[['status']], [[]], [['backup', 'quick']]])('in a folder that was deleted %j says so', (args) => {
  const { status, stderr } = inGone(...args)
  expect([status, stderr]).toEqual([
    2,
    expect.stringMatching(/^Can't start here: this folder was deleted[^]*with -C\.\n$/),
  ])
})

test('a folder named with -C is used all the same', () => {
  const named = temporaryFolder()
  const { status, stderr } = inGone('-C', named, 'status')
  expect([status, stderr]).toEqual([2, expect.stringContaining(`This is not a git repository: ${named}`)])
})
