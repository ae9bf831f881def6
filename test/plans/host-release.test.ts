import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { planDeploy } from '../../src/plans/deploy.ts'
import { CANARY, fakeHost } from '../helpers/fake-host.ts'
import { production } from '../helpers/production.ts'
import { temporaryFolder } from '../helpers/temp.ts'

test(
  'a release to a host has its own address in the log, and its credential nowhere',
  { timeout: 60_000 },
  async () => {
    const folder = join(temporaryFolder(), 'host')
    mkdirSync(folder)
    const host = fakeHost(folder, 'netlify', { published: null, locked: false, slow: false, deploys: [] })
    for (const [name, value] of Object.entries({ ...host.env, NETLIFY_AUTH_TOKEN: CANARY })) vi.stubEnv(name, value)
    const { demo, project, facts, decided, execute, ready, sh } = await production((given) => ({
      ...given,
      deploy: { ...given.deploy, targets: [...given.deploy.targets, { use: 'netlify', site: 'mosaic' }] },
    }))
    await ready()
    const plan = planDeploy(project, await facts(), { type: 'release' }, decided('deploy'))
    expect(plan.holds).toEqual([])
    expect(await execute(plan)).toMatchObject({ exit: 0, outcome: 'done', owed: [], error: null })
    expect(host.state()).toMatchObject({
      published: 'd1',
      deploys: [{ title: `Knowngood ${plan.names['run']} ${await sh('rev-parse', 'main')}` }],
    })
    const logs = join(demo.root, project.logs.dir)
    const log =
      readdirSync(logs)
        .filter((name) => name.endsWith('certified.md'))
        .toSorted()
        .at(-1) ?? ''
    expect(readFileSync(join(logs, log), 'utf8')).toContain('https://d1--mosaic.netlify.app')
    const run = join(demo.root, '.knowngood/runs', plan.names['run'] ?? '')
    for (const name of readdirSync(run)) expect(readFileSync(join(run, name), 'utf8')).not.toContain(CANARY)
    vi.unstubAllEnvs()
  },
)

test('a release to a host that failed before it got there has its log', { timeout: 60_000 }, async () => {
  const { demo, project, facts, decided, execute, ready } = await production((given) => ({
    ...given,
    build: { ...given.build, run: [['false']] },
    deploy: { ...given.deploy, targets: [...given.deploy.targets, { use: 'netlify', site: 'mosaic' }] },
  }))
  await ready()
  const plan = planDeploy(project, await facts(), { type: 'release' }, decided('deploy'))
  expect(await execute(plan)).toMatchObject({ exit: 4, outcome: 'undone', owed: [] })
  const logs = readdirSync(join(demo.root, project.logs.dir))
  expect(logs).toContainEqual(expect.stringMatching(/-failed\.md$/))
})
