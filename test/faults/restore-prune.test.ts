import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { planPrune } from '../../src/plans/prune.ts'
import type { Project } from '../../src/core/project.ts'
import { runKilled } from '../helpers/killed.ts'
import { decidedNow } from '../helpers/decided.ts'
import { restorable } from '../helpers/restorable.ts'
import { calls } from '../../src/calls/registry.ts'
import { planVerify } from '../../src/plans/verify.ts'
import { executePlan } from '../../src/run/execute.ts'

test(
  'fault 36: pruned all the while, a backup that is verified is never deleted; one a killed restore needs neither',
  { timeout: 120_000 },
  async () => {
    const site = await restorable()
    const ids: string[] = []
    for (const name of ['one', 'two', 'three']) ids.push(await site.backup('set', { name }))
    const loaded = await site.project()
    const least: Project = { ...loaded, backups: { ...loaded.backups, set: { ...loaded.backups.set, keep: 1 } } }
    const prune = async () => {
      const plan = planPrune(least, await site.facts(), { kind: 'set' }, decidedNow('prune'))
      return site.execute({ ...plan, locks: false })
    }
    const folder = join(site.root, 'backups/one')

    // Between any two steps of a verification somebody prunes.
    const plan = planVerify(loaded, await site.facts(), { ids: ['one'], rung: 'restored' }, decidedNow('verify'))
    const pruning: Promise<unknown>[] = []
    const done = await executePlan({
      root: site.root,
      plan,
      answers: {},
      by: 'ana',
      calls: Object.assign(Object.create(calls), {
        'verify.hash': async (input: never, io: never) => {
          pruning.push(prune())
          await pruning[0]
          return await calls['verify.hash']?.(input, io)
        },
      }),
    })
    await Promise.all(pruning)
    expect(done).toMatchObject({ exit: 0, error: null })
    expect(existsSync(folder)).toBe(true)
    expect(existsSync(join(site.root, 'backups/two'))).toBe(false)

    const restore = await site.restore('one')
    expect(await runKilled(site.root, restore, 'run', { when: 'before', step: 'swap.database' })).toMatchObject({
      killed: true,
    })
    await prune()
    expect(existsSync(folder)).toBe(true)
    expect(await runKilled(site.root, restore, 'resume', null)).toMatchObject({ exit: 0, owed: [] })
    await prune()
    expect(ids.filter((id) => existsSync(join(site.root, 'backups', id)))).not.toContain('two')
  },
)
