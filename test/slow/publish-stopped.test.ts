import { join } from 'node:path'
import { expect, test } from 'vitest'
import { decide } from '../../src/commands/decide.ts'
import type { Plan } from '../../src/core/plan.ts'
import { planPublish } from '../../src/plans/publish.ts'
import { summarise } from '../../src/run/summary.ts'
import { exists } from '../../src/world/files.ts'
import { processesOf } from '../../src/world/orphans.ts'
import { runKilled } from '../helpers/killed.ts'
import type { Ended } from '../helpers/killed.ts'
import { github, publishing } from '../helpers/publishing.ts'
import { pointsOf } from '../helpers/surviving.ts'

const MINUTES = 60_000
const slow = process.env['KNOWNGOOD_SLOW'] === '1'
const CODES = { SIGTERM: 143, SIGHUP: 129 } as const
const there = github()

/** A bundle at a tag that GitHub knows, and the plan to publish it. */
async function tagged() {
  there().reset()
  const site = publishing(there().tags)
  await site.bundle()
  const given = { api: there().url, token: 'GITHUB_TOKEN' }
  const made = async (): Promise<Plan> => {
    const decided = await decide(site.context, site.project, 'publish')
    return planPublish(site.project, await site.context.facts(), { tag: 'v1.0.1', recordUrl: false }, given, decided)
  }
  return { ...site, plan: await made(), made }
}

type Tagged = Awaited<ReturnType<typeof tagged>>

const isPublic = async () => (await there().releases()).some(({ draft }) => draft === false)

/** That the run is over, as it is told, and that nobody can read half a release. */
async function expectOver({ root, plan }: Tagged, ended: Ended, at: string): Promise<void> {
  const run = plan.names['run'] ?? ''
  const state = { state: 'ended', exit: ended.exit, outcome: ended.outcome }
  expect(await summarise(root, run), at).toMatchObject(state)
  expect(await exists(join(root, '.knowngood/lock')), at).toBe(false)
  expect(processesOf(run), at).toEqual([])
  const whole = there().kept.filter((asset) => asset.whole).length
  expect(!(await isPublic()) || whole === 3, `${at}: ${whole} assets are public`).toBe(true)
}

/** Whatever stands there, publishing goes on from it to one public release with three whole assets. */
async function expectGoesOn(site: Tagged, at: string): Promise<void> {
  const again = await runKilled(site.root, await site.made(), 'run', null)
  expect(again, `${at}: ${again.error} ${again.err}`).toMatchObject({ exit: 0, outcome: 'done' })
  expect(await there().releases(), at).toMatchObject([{ draft: false }])
  expect(
    there().kept.map(({ whole }) => whole),
    at,
  ).toEqual([true, true, true])
}

test.runIf(slow)(
  'fault 5: a publication told to stop at any step is public only whole, and the next one goes on from it',
  { timeout: 10 * MINUTES },
  async () => {
    const ends: (string | undefined)[] = []
    for (let index = 0, points = 1; index < points; index += 1) {
      const site = await tagged()
      points = pointsOf(site.plan).length
      const kill = pointsOf(site.plan)[index] ?? null
      const signal = index % 4 < 2 ? 'SIGTERM' : 'SIGHUP'
      const at = `${signal} ${kill?.when} ${kill?.step}`
      const ended = await runKilled(site.root, site.plan, 'run', kill, { KILLED_BY: signal })
      expect([0, CODES[signal]], `${at}: ${ended.exit} ${ended.error} ${ended.err}`).toContain(ended.exit)
      expect(ended.outcome, at).toBe(ended.exit === 0 ? 'done' : 'stopped')
      expect(await isPublic(), at).toBe(ended.exit === 0)
      await expectOver(site, ended, at)
      await expectGoesOn(site, at)
      ends.push(ended.outcome)
    }
    expect(ends[0]).toBe('stopped')
    expect(ends.at(-1)).toBe('done')
  },
)

test.runIf(slow)(
  'fault 4: a publication killed at any step is resumed, put back or abandoned, and the next one goes on from it',
  { timeout: 20 * MINUTES },
  async () => {
    for (let index = 0, points = 1; index < points; index += 1)
      for (const how of ['resume', 'undo', 'abandon'] as const) {
        const site = await tagged()
        points = pointsOf(site.plan).length
        const kill = pointsOf(site.plan)[index] ?? null
        const at = `killed ${kill?.when} ${kill?.step}, then ${how}`
        const killed = await runKilled(site.root, site.plan, 'run', kill)
        expect(killed.killed, at).toBe(true)
        const before = await isPublic()
        const ended = await runKilled(site.root, site.plan, how, null)
        const refused = how === 'undo' && before
        expect(ended.err.includes('it is public: forward only'), `${at}: ${ended.err}`).toBe(refused)
        if (refused) continue
        const outcome = { resume: 'done', undo: 'undone', abandon: 'abandoned' }[how]
        expect(ended, `${at}: ${ended.error} ${ended.err}`).toMatchObject({ exit: 0, outcome })
        expect(await isPublic(), at).toBe(how === 'resume' || before)
        await expectOver(site, ended, at)
        await expectGoesOn(site, at)
      }
  },
)
