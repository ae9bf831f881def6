import { expect, test } from 'vitest'
import { runKilled } from '../helpers/killed.ts'
import type { Kill } from '../helpers/killed.ts'
import { leftovers, restorable } from '../helpers/restorable.ts'
import type { Restorable } from '../helpers/restorable.ts'
import { sampled } from '../helpers/sampled.ts'

const NEW = ['ana', 'ben', 'eve']
const OLD = ['ana', 'ben']

/** Each source is wholly what it was or wholly what the backup holds, whenever it is looked at. */
function neverMixed(site: Restorable): void {
  expect([NEW, OLD]).toContainEqual(site.users())
  expect(['first', 'second']).toContain(site.upload())
}

const STEPS = [
  'lock',
  'basis',
  'hold',
  'hash',
  'readable.database',
  'room',
  'stop',
  'capture.database',
  'capture.uploads',
  'backup.publish',
  'beside.database',
  'beside.uploads',
  'swap.database',
  'swap.uploads',
  'start',
]

test.each(['before', 'acted'] as const)(
  'fault 45: a restore killed when it has %s a step, one after the other, is finished by resuming',
  { timeout: 240_000 },
  async (when) => {
    const site = await restorable()
    const id = await site.backup('set', { name: 'before' })
    site.change()
    const plan = await site.restore(id)
    const survived: string[] = []
    for (const [index, step] of sampled(STEPS).entries()) {
      const ended = await runKilled(site.root, plan, index === 0 ? 'run' : 'resume', { when, step })
      if (!ended.killed) survived.push(`${step}: ${ended.exit} ${ended.error}${ended.err}`)
      neverMixed(site)
    }
    expect(survived).toEqual([])
    const ended = await runKilled(site.root, plan, 'resume', null)
    expect(ended).toMatchObject({ exit: 0, owed: [], error: null })
    expect([site.users(), site.upload()]).toEqual([OLD, 'first'])
    expect(leftovers(site.root)).toEqual([])
    expect(site.asked().at(-1)).toBe('status')
    expect((await site.facts()).lock).toMatchObject({ local: { value: null }, shared: { value: null } })
  },
)

const POINTS: Kill[] = [
  'stop',
  'capture.database',
  'backup.publish',
  'beside.uploads',
  'swap.database',
  'swap.uploads',
  'start',
].flatMap((step) => [
  { when: 'before', step },
  { when: 'acted', step },
])

test('fault 45: a restore killed at any step is put back whole by undoing it', { timeout: 240_000 }, async () => {
  const site = await restorable()
  const id = await site.backup('set', { name: 'before' })
  site.change()
  for (const kill of sampled(POINTS)) {
    const plan = await site.restore(id)
    expect(plan.holds).toEqual([])
    const broken = await runKilled(site.root, plan, 'run', kill)
    expect(broken, `${kill.when} ${kill.step}: ${broken.err}`).toMatchObject({ killed: true })
    neverMixed(site)
    const ended = await runKilled(site.root, plan, 'undo', null)
    expect(ended, `${kill.when} ${kill.step}`).toMatchObject({ exit: 0, outcome: 'undone', owed: [] })
    expect([site.users(), site.upload()], `${kill.when} ${kill.step}`).toEqual([NEW, 'second'])
    expect(leftovers(site.root), `${kill.when} ${kill.step}`).toEqual([])
    const asked = site.asked()
    expect(asked.lastIndexOf('start'), `${kill.when} ${kill.step}`).toBeGreaterThanOrEqual(asked.lastIndexOf('stop'))
  }
})
