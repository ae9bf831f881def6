import { readFileSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Project } from '../../src/core/project.ts'
import { planDeploy } from '../../src/plans/deploy.ts'
import { planRollback } from '../../src/plans/rollback.ts'
import { production } from '../helpers/production.ts'
import { temporaryFolder } from '../helpers/repository.ts'

/** A site that serves a folder, which a team's own command fills; every build comes out differently. */
async function byCommand() {
  const served = join(temporaryFolder(), 'served')
  await mkdir(served)
  await writeFile(join(served, 'index.html'), 'nothing yet')
  const server = createServer((_, response) => response.end(readFileSync(join(served, 'index.html'))))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`
  const site = await production((project): Project => {
    const run = ['node', '-e', "require('fs').writeFileSync('built.txt', String(process.hrtime.bigint()))"]
    const live = { kind: 'url', url, contains: '<!-- BUILD_ID:{id} -->', status: 200, timeoutMs: 2_000 } as const
    return {
      ...project,
      build: { ...project.build, run: [run] },
      deploy: { ...project.deploy, targets: [{ use: 'command', run: ['cp', '-R', '{dir}/.', served] }] },
      verify: { ...project.verify, checks: [live] },
    }
  })
  const { sh, facts, ready, execute, decided, project } = site
  const release = async () => {
    await sh('push', '--quiet', 'origin', 'main')
    await ready()
    const plan = planDeploy(project, await facts(), { type: 'release' }, decided('deploy'))
    expect(await execute(plan)).toMatchObject({ exit: 0, error: null, owed: [] })
    return { tag: plan.names['tag'] ?? '', commit: plan.names['commit'], built: await built() }
  }
  const built = () => readFile(join(served, 'built.txt'), 'utf8')
  const again = async () => {
    await sh('commit', '--quiet', '--allow-empty', '-m', 'Another release')
    return await release()
  }
  const plan = async (to: string) => planRollback(project, await facts(), { to, reason: 'a test' }, decided('rollback'))
  return { ...site, built, plan, first: await release(), second: await again() }
}

test(
  'a rollback by a command releases the archived artefact itself, and builds only without it',
  { timeout: 90_000 },
  async () => {
    const { demo, sh, execute, plan, built, first, second, facts } = await byCommand()
    expect(second.built).not.toBe(first.built)
    const back = await plan(first.tag)
    expect(back.holds).toEqual([])
    expect(back.steps.map((step) => step.id)).toEqual(expect.arrayContaining(['unpack', 'target.command', 'verify']))
    expect(back.steps.some((step) => ['build', 'commit', 'keep'].includes(step.id))).toBe(false)
    expect(await execute(back)).toMatchObject({ exit: 0, error: null, owed: [] })
    expect(await built()).toBe(first.built)
    await sh('fetch', '--quiet', 'origin')
    expect(await sh('rev-parse', 'origin/prod-current')).toBe(first.commit)
    expect(await sh('rev-parse', 'origin/main')).toBe(second.commit)
    expect((await facts()).drift).toEqual([])
    expect((await plan(first.tag)).holds).toMatchObject([{ id: 'not-offered' }])

    // A byte that is not what was released is refused before anything goes out.
    const archive = join(demo.root, 'backups', `${second.tag}.zip`)
    const forward = await plan(second.tag)
    const bytes = await readFile(archive)
    bytes[40] = (bytes[40] ?? 0) ^ 1
    await writeFile(archive, bytes)
    const refused = await execute(forward)
    expect(refused).toMatchObject({ exit: 4, outcome: 'undone' })
    expect(refused.error).toContain('is not what was recorded')
    expect(await built()).toBe(first.built)

    await rm(archive)
    const rebuilt = await plan(second.tag)
    expect(rebuilt.steps.map((step) => step.id)).toContain('build')
    expect(await execute(rebuilt)).toMatchObject({ exit: 0, error: null })
    expect([first.built, second.built]).not.toContain(await built())
  },
)
