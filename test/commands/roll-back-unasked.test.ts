import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { rollBackUnasked } from '../../src/commands/roll-back-unasked.ts'
import type { Project } from '../../src/core/project.ts'
import { commitBadRelease } from '../../src/demo/bad-release.ts'
import { planDeploy } from '../../src/plans/deploy.ts'
import { readAudit } from '../../src/records/audit-log.ts'
import { production } from '../helpers/production.ts'
import type { Production } from '../helpers/production.ts'

const asked = (project: Project): Project => ({
  ...project,
  deploy: { ...project.deploy, onFailedVerify: 'rollback' },
})

/** A good release, and after it one that breaks the site. */
async function afterBad(site: Production, project = site.project) {
  const { demo, facts, decided, execute, ready, sh } = site
  await ready()
  const good = planDeploy(project, await facts(), { type: 'release' }, decided('deploy'))
  expect(await execute(good)).toMatchObject({ exit: 0 })
  await writeFile(join(demo.root, 'health'), 'broken')
  await commitBadRelease(demo, new Date())
  await ready()
  const plan = planDeploy(project, await facts(), { type: 'release' }, decided('deploy'))
  const result = await execute(plan)
  expect(result).toMatchObject({ exit: 7, outcome: 'halted' })
  return { good: good.names['tag'] ?? '', goodTree: await sh('rev-parse', 'main~1^{tree}'), plan, result }
}

test('a release that answers wrongly is rolled back unasked, proven, and recorded', { timeout: 90_000 }, async () => {
  const site = await production(asked)
  const { good, goodTree, plan, result } = await afterBad(site)
  expect(result.answered).toBe(true)
  const back = await rollBackUnasked(site.project, { plan, result, by: 'ana' })
  expect(back).toMatchObject({ exit: 4, to: good, result: { exit: 0, outcome: 'done', owed: [] } })
  await site.sh('fetch', '--quiet', 'origin')
  expect(await site.sh('rev-parse', 'origin/prod-current^{tree}')).toBe(goodTree)
  expect(await site.sh('ls-remote', 'origin', 'refs/knowngood/lock')).toBe('')
  const begun = (await readAudit(site.demo.root)).find(({ entry }) => entry?.event === 'rollback')
  expect(begun?.entry).toMatchObject({ actor: 'ana', subject: good })
  expect(String(begun?.entry?.detail?.['reason'])).toMatch(/^unasked: /)
})

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
    const { plan, result } = await afterBad(site)
    expect(await rollBackUnasked(site.project, { plan, result, by: 'ana' })).toBeNull()
    const blind = { ...asked(site.project), sources: {} }
    const migrate = { ...plan, steps: [...plan.steps, { ...plan.steps[0]!, id: 'migrate-1' }] }
    const back = await rollBackUnasked(blind, { plan: migrate, result, by: 'ana' })
    expect(back).toMatchObject({ exit: 7, result: null })
    expect(back?.says).toContain('migration')
  },
)
