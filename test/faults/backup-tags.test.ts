import { expect, test } from 'vitest'
import { observe } from '../../src/facts/observe.ts'
import { planSacred } from '../../src/plans/sacred.ts'
import { decidedNow } from '../helpers/decided.ts'
import { backingUp } from '../helpers/backing-up.ts'

test('fault 59: a sacred or prod tag that was moved, here or on the remote, is reported', async () => {
  const at = backingUp()
  const facts = () => observe(at.project, { remote: true, live: false, operator: 'ana' })
  const first = at.sh('rev-parse', 'HEAD')
  const sacred = await at.execute(
    planSacred(at.project, await facts(), { name: 'pr-12' }, decidedNow('backup', new Date())),
  )
  expect(sacred.exit).toBe(0)
  at.sh('tag', '-a', 'prod-2026-11-20', '-m', 'x', first)
  at.sh('push', '--quiet', 'origin', 'prod-2026-11-20')
  expect((await facts()).drift).toEqual([])

  const second = at.commit('Second')
  at.sh('tag', '-f', '-a', 'sacred/pr-12', '-m', 'moved', second)
  expect((await facts()).drift.join('\n')).toMatch(/sacred\/pr-12/)

  const other = at.clone()
  other.sh('fetch', '--quiet', '--tags')
  other.commit('Third')
  other.sh('tag', '-f', '-a', 'prod-2026-11-20', '-m', 'moved')
  other.sh('push', '--quiet', '--force', 'origin', 'prod-2026-11-20')
  expect((await facts()).drift.join('\n')).toMatch(/prod-2026-11-20/)
})
