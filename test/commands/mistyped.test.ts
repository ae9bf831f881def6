import { expect, test } from 'vitest'
import { restorable } from '../helpers/restorable.ts'

const VERBS = [
  ['show', 'nope'],
  ['verify', 'nope'],
  ['delete', 'nope'],
  ['restore', 'nope'],
  ['restore', 'nope', '--to', 'beside'],
  ['baseline', 'verify', 'nope'],
  ['confirm', 'nope', '--reason', 'looked at'],
]

test('a backup that is not there is a mistyped name, whatever was to be done with it', async () => {
  const site = await restorable()
  await site.backup('quick')
  for (const verb of VERBS) {
    const { exit, err } = await site.kg(...verb)
    expect([exit, err.split('\n')[0]], verb.join(' ')).toEqual([2, 'There is no backup nope: 1 backup listed.'])
    expect(err).toContain('knowngood backups lists them.')
  }
})

test('a name no tag can have is a bad argument', async () => {
  const { kg } = await restorable()
  const { exit, err } = await kg('sacred', 'bad name')
  expect([exit, err]).toEqual([2, expect.stringContaining('"bad name" is not a name for a tag')])
})

test('without a remote there is no shared lock to let go', async () => {
  const site = await restorable()
  site.repo.sh('remote', 'remove', 'origin')
  const { exit, out } = await site.kg('lock', 'release')
  expect([exit, out.trim()]).toEqual([0, 'There is no remote origin: no lock is shared.'])
})
