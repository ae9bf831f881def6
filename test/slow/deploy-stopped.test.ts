import { expect, test } from 'vitest'
import type { Plan } from '../../src/core/plan.ts'
import { planDeploy } from '../../src/plans/deploy.ts'
import { planRollback } from '../../src/plans/rollback.ts'
import { summarise } from '../../src/run/summary.ts'
import { processesOf } from '../../src/world/orphans.ts'
import { runKilled } from '../helpers/killed.ts'
import { production } from '../helpers/production.ts'
import type { Production } from '../helpers/production.ts'
import { pointsOf } from '../helpers/surviving.ts'

const MINUTES = 60_000
const slow = process.env['KNOWNGOOD_SLOW'] === '1'
const CODES = { SIGTERM: 143, SIGHUP: 129 } as const

const liveCommit = async (site: Production) => {
  const { live } = await site.facts()
  return live.ok ? live.value.matches : null
}

/** Signals a run of that plan at its nth point; production serves what it did before, or what was asked for. */
async function stopAt(site: Production, plan: Plan, index: number): Promise<'stopped' | 'done'> {
  const signal = index % 4 < 2 ? 'SIGTERM' : 'SIGHUP'
  const kill = pointsOf(plan)[index] ?? null
  const at = `${plan.op}, ${signal} ${kill?.when} ${kill?.step}`
  const [before, refs] = [await liveCommit(site), await site.sh('ls-remote', 'origin')]
  const { PATH = '', ...env } = site.demo.env
  const ended = await runKilled(site.demo.root, plan, 'run', kill, { ...env, PATH, KILLED_BY: signal })
  expect([0, CODES[signal]], `${at}: ${ended.exit} ${ended.error} ${ended.err}`).toContain(ended.exit)
  expect(ended.owed, at).toEqual([])
  const run = plan.names['run'] ?? ''
  expect(await summarise(site.demo.root, run), at).toMatchObject({ state: 'ended', exit: ended.exit })
  const after = await site.facts()
  expect(after.lock, at).toMatchObject({ local: { value: null }, shared: { value: null } })
  expect(processesOf(run), at).toEqual([])
  expect(await site.sh('status', '--porcelain', '--untracked-files=no'), at).toBe('')
  expect(await site.sh('worktree', 'list'), at).not.toContain('\n')
  const live = after.live.ok ? after.live.value.matches : null
  expect(live, at).toBe(after.git.ok ? after.git.value.current : null)
  const done = ended.exit === 0
  expect(live === before, at).toBe(!done)
  const own = (all: string) => all.split('\n').filter((line) => !line.includes('refs/knowngood/backups'))
  const stand = own(await site.sh('ls-remote', 'origin'))
  expect(stand, at).toEqual(done ? stand : own(refs))
  return done ? 'done' : 'stopped'
}

test.runIf(slow)(
  'fault 5: a deploy told to stop at any step is put back, until it is certified: then it is finished',
  { timeout: 20 * MINUTES },
  async () => {
    const site = await production()
    await site.ready()
    const ends: string[] = []
    for (let index = 0, points = 1; index < points; index += 1) {
      if (ends.at(-1) === 'done') {
        await site.sh('commit', '--quiet', '--allow-empty', '-m', `Page ${index}`)
        await site.ready()
      }
      const plan = planDeploy(site.project, await site.facts(), { type: 'release' }, site.decided('deploy'))
      expect(plan.holds).toEqual([])
      points = pointsOf(plan).length
      ends.push(await stopAt(site, plan, index))
    }
    expect(new Set(ends.slice(0, 4))).toEqual(new Set(['stopped']))
    expect(ends.at(-1)).toBe('done')
  },
)

test.runIf(slow).each(['reset', 'revert'] as const)(
  'fault 5: a rollback by %s told to stop at any step leaves what was live, until it is certified: then it is finished',
  { timeout: 20 * MINUTES },
  async (by) => {
    const site = await production()
    await site.ready()
    const first = planDeploy(site.project, await site.facts(), { type: 'release' }, site.decided('deploy'))
    expect((await site.execute(first)).exit).toBe(0)
    const ends: string[] = []
    for (let index = 0, points = 1; index < points; index += 1) {
      const facts = await site.facts()
      const tags = facts.git.ok ? facts.git.value.tags.filter((tag) => tag.name.startsWith('prod-')) : []
      // Once it is finished the next one goes back to another one.
      const to = tags[1 + (ends.filter((end) => end === 'done').length % 2)]?.name ?? ''
      const request = { to, by, acceptSchema: true, reason: 'a test' }
      const plan = planRollback(site.project, facts, request, site.decided('rollback'))
      expect(plan.holds).toEqual([])
      points = pointsOf(plan).length
      ends.push(await stopAt(site, plan, index))
    }
    expect(ends[0]).toBe('stopped')
    expect(ends.at(-1)).toBe('done')
  },
)
