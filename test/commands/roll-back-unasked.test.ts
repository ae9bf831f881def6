import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { settled } from '../../src/commands/operate.ts'
import { rollBackUnasked } from '../../src/commands/roll-back-unasked.ts'
import { run as takeOrder } from '../../src/commands/run.ts'
import { statePaths } from '../../src/core/paths.ts'
import type { Plan } from '../../src/core/plan.ts'
import type { Project } from '../../src/core/project.ts'
import { commitBadRelease } from '../../src/demo/bad-release.ts'
import { planDeploy } from '../../src/plans/deploy.ts'
import { readAudit } from '../../src/records/audit-log.ts'
import { headless } from '../helpers/context.ts'
import { production } from '../helpers/production.ts'
import type { Production } from '../helpers/production.ts'

const asked = (project: Project): Project => ({
  ...project,
  deploy: { ...project.deploy, onFailedVerify: 'rollback' },
})

/** A good release, and the plan of one after it that breaks the site. */
async function beforeBad(site: Production) {
  const { demo, facts, decided, execute, ready, sh, project } = site
  await ready()
  const good = planDeploy(project, await facts(), { type: 'release' }, decided('deploy'))
  expect(await execute(good)).toMatchObject({ exit: 0 })
  await writeFile(join(demo.root, 'health'), 'broken')
  await commitBadRelease(demo, new Date())
  await ready()
  const plan = planDeploy(project, await facts(), { type: 'release' }, decided('deploy'))
  return { good: good.names['tag'] ?? '', goodTree: await sh('rev-parse', 'main~1^{tree}'), plan }
}

/** How each face carries a plan out: a headless command in this process, the dashboard by a process that takes an order. */
const ways = {
  headless: async (site: Production, plan: Plan) => {
    vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const context = contextOf(site)
    const result = await site.execute(plan)
    const tell = () => ({ data: {}, lines: [] })
    return await settled(context, plan, result, tell)
  },
  'from the dashboard': async (site: Production, plan: Plan) => {
    const run = plan.names['run'] ?? ''
    const order = { plan, answers: { review: 'Y' }, by: 'ana' }
    await mkdir(statePaths(site.demo.root).run(run), { recursive: true })
    await writeFile(statePaths(site.demo.root).order(run), JSON.stringify(order))
    return await takeOrder(contextOf(site), [run], {})
  },
}

const contextOf = ({ demo, project }: Production) =>
  headless(demo.root, { project: () => Promise.resolve(project), now: () => new Date() })

test.each(Object.entries(ways))(
  'a release that answers wrongly is rolled back unasked, proven, and recorded (%s)',
  { timeout: 90_000 },
  async (_, carryOut) => {
    const site = await production(asked)
    const { good, goodTree, plan } = await beforeBad(site)
    const report = await carryOut(site, plan)
    expect(report.exit).toBe(4)
    expect(report.lines.join('\n')).toContain(`Rolled back unasked (deploy.on_failed_verify): ${good} is live again`)
    await site.sh('fetch', '--quiet', 'origin')
    expect(await site.sh('rev-parse', 'origin/prod-current^{tree}')).toBe(goodTree)
    expect(await site.sh('ls-remote', 'origin', 'refs/knowngood/lock')).toBe('')
    const begun = (await readAudit(site.demo.root)).find(({ entry }) => entry?.event === 'rollback')
    expect(begun?.entry).toMatchObject({ actor: 'ana', subject: good })
    expect(String(begun?.entry?.detail?.['reason'])).toMatch(/^unasked: /)
  },
)

test('a production that cannot be reached is left for a person', { timeout: 90_000 }, async () => {
  const gone = (project: Project): Project => {
    const nowhere = { kind: 'url', url: 'http://127.0.0.1:1/', contains: null, status: 200, timeoutMs: 500 } as const
    return { ...asked(project), verify: { ...project.verify, timeoutMs: 800, checks: [nowhere] } }
  }
  const site = await production(gone)
  const { facts, decided, execute, ready, sh, project } = site
  await ready()
  const plan = planDeploy(project, await facts(), { type: 'release' }, decided('deploy'))
  const result = await execute(plan)
  expect(result).toMatchObject({ exit: 7, answered: false })
  const before = await sh('ls-remote', 'origin')
  const back = await rollBackUnasked(project, { plan, result, by: 'ana' })
  expect(back).toMatchObject({ exit: 7, result: null })
  expect(back?.says).toContain('could not be asked')
  expect(await sh('ls-remote', 'origin')).toBe(before)
})

test(
  'without the setting, or after a migration nothing can tell of, the bad release stays',
  { timeout: 90_000 },
  async () => {
    const site = await production()
    const { plan } = await beforeBad(site)
    const result = await site.execute(plan)
    expect(result).toMatchObject({ exit: 7, outcome: 'halted', answered: true })
    expect(await rollBackUnasked(site.project, { plan, result, by: 'ana' })).toBeNull()
    const blind = { ...asked(site.project), sources: {} }
    const migrate = { ...plan, steps: [...plan.steps, { ...plan.steps[0]!, id: 'migrate-1' }] }
    const back = await rollBackUnasked(blind, { plan: migrate, result, by: 'ana' })
    expect(back).toMatchObject({ exit: 7, result: null })
    expect(back?.says).toContain('migration')
  },
)
