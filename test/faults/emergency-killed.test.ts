import { expect, test } from 'vitest'
import { allSteps } from '../../src/core/plan.ts'
import { runKilled } from '../helpers/killed.ts'
import { leftovers, restorable } from '../helpers/restorable.ts'
import { sampled } from '../helpers/sampled.ts'

/** The steps of a plan in their order, without those that come last whatever happened. */
const stepsOf = (plan: Parameters<typeof allSteps>[0]) => allSteps({ ...plan, always: [] }).map((step) => step.id)

test.each(['before', 'acted'] as const)(
  'fault 4: break glass killed when it has %s every step, one after the other, is finished by resuming',
  { timeout: 300_000 },
  async (when) => {
    const site = await restorable()
    await site.backup('baseline', { name: 'immaculate-1' })
    site.change()
    const plan = await site.emergency()
    const survived: string[] = []
    for (const [index, step] of sampled(stepsOf(plan)).entries()) {
      const ended = await runKilled(site.root, plan, index === 0 ? 'run' : 'resume', { when, step })
      if (!ended.killed) survived.push(`${step}: ${ended.exit} ${ended.error}${ended.err}`)
      // Each source is wholly what it was or wholly what the baseline holds, whenever it is looked at.
      expect([
        ['ana', 'ben', 'eve'],
        ['ana', 'ben'],
      ]).toContainEqual(site.users())
      expect(['first', 'second']).toContain(site.upload())
    }
    expect(survived).toEqual([])
    expect(await runKilled(site.root, plan, 'resume', null)).toMatchObject({ exit: 0, owed: [], error: null })
    expect([site.users(), site.upload()]).toEqual([['ana', 'ben'], 'first'])
    expect(leftovers(site.root)).toEqual([])
    expect((await site.facts()).lock).toMatchObject({ local: { value: null }, shared: { value: null } })
  },
)

test('fault 4: break glass killed while it swaps is put back whole by undoing it', { timeout: 300_000 }, async () => {
  const site = await restorable()
  await site.backup('baseline', { name: 'immaculate-1' })
  site.change()
  for (const step of ['backup.publish', 'swap.database', 'swap.uploads']) {
    const plan = await site.emergency()
    expect(await runKilled(site.root, plan, 'run', { when: 'acted', step })).toMatchObject({ killed: true })
    const ended = await runKilled(site.root, plan, 'undo', null)
    expect(ended, `${step} ${ended.err}`).toMatchObject({ exit: 0, outcome: 'undone', owed: [] })
    expect([site.users(), site.upload()], step).toEqual([['ana', 'ben', 'eve'], 'second'])
    expect(leftovers(site.root), step).toEqual([])
  }
})
