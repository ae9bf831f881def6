import { existsSync, readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { handLines } from '../../src/core/hand-lines.ts'
import { lockSteps, unlockSteps } from '../../src/plans/parts.ts'
import { planDeploy } from '../../src/plans/deploy.ts'
import { readSharedLock } from '../../src/world/git-lock.ts'
import { decidedNow } from '../helpers/decided.ts'
import { operator } from '../helpers/operator.ts'
import { production } from '../helpers/production.ts'
import { repository } from '../helpers/repository.ts'

const GONE = /the shared lock on origin could not be read: /
const CONFIRMED = ['--confirm=mosaic-production', '--reason', 'a test']

const runsIn = (root: string, op: string) =>
  readdirSync(join(root, '.knowngood/runs')).filter((run) => run.startsWith(op))

describe('a remote that does not answer', { timeout: 120_000 }, () => {
  it('holds what replaces what is live before anything is begun, and nothing is left to settle', async () => {
    const { kg, ready, demo, sh } = await operator()
    await ready()
    expect(await kg(['backup', 'set', '--name', 'before'])).toMatchObject({ exit: 0 })
    const earlier = (await sh('tag', '--list', 'prod-*')).split('\n')[0] ?? ''
    const logs = readdirSync(join(demo.root, 'deploy_logs'))
    renameSync(demo.remote, `${demo.remote}.away`)
    for (const args of [
      ['deploy', '--yes'],
      ['rollback', earlier, ...CONFIRMED],
      ['restore', 'before', '--only', 'database', ...CONFIRMED],
    ]) {
      const held = await kg(args)
      expect([args[0], held.exit, held.err + held.out]).toEqual([args[0], 3, expect.stringMatching(GONE)])
      expect(held.err + held.out).toContain('git ls-remote origin')
    }
    expect([...runsIn(demo.root, 'deploy'), ...runsIn(demo.root, 'rollback'), ...runsIn(demo.root, 'restore')]).toEqual(
      [],
    )
    expect(readdirSync(join(demo.root, 'deploy_logs'))).toEqual(logs)
    expect((await kg(['resume'])).out).toContain('No run was interrupted')
    expect((await kg(['emergency', '--dry-run'])).out).not.toMatch(GONE)
  })

  it('that went away after the review ends the run as held, with nothing to put back and nothing owed', async () => {
    const site = await production()
    await site.ready()
    const plan = planDeploy(site.project, await site.facts(), { type: 'release' }, site.decided('deploy'))
    expect(plan.holds).toEqual([])
    renameSync(site.demo.remote, `${site.demo.remote}.away`)
    const result = await site.execute(plan)
    expect(result).toMatchObject({ exit: 3, outcome: 'held', failedStep: 'Lock', owed: [], byHand: [] })
    expect(result.error).toMatch(/^The shared lock could not be read/)
    expect(existsSync(join(site.demo.root, 'deploy_logs', `${plan.names['commit']?.slice(0, 7)}-failed.md`))).toBe(
      false,
    )
    const { runs } = await site.facts()
    expect(runs).toMatchObject({ ok: true })
    expect(runs.ok && runs.value.filter(({ state }) => state !== 'ended')).toEqual([])
  })
})

describe('the lock given back by hand', () => {
  it('takes away what was taken by hand, and leaves a colleague who has it meanwhile alone', async () => {
    const ana = repository()
    const decided = decidedNow('deploy')
    const lines = [...lockSteps('origin', decided, 'deploy', 'a release'), ...unlockSteps('origin', decided)].map(
      ({ actions }) => actions.flatMap((action) => handLines(action)),
    )
    const [take = [], release = []] = lines
    expect(await shell(ana, [...take, ...release])).toBeNull()
    const other = await shell(ana, [
      ...take,
      'git commit --quiet --allow-empty -m Theirs',
      'git push --quiet --force origin HEAD:refs/knowngood/lock',
      `${release.join('\n')} || true`,
    ])
    expect(other).toBe(ana.sh('rev-parse', 'HEAD'))
  })
})

/** Pastes the lines, and says on what the lock stands afterwards. */
async function shell({ root, git, sh }: ReturnType<typeof repository>, lines: string[]): Promise<string | null> {
  sh('-c', `alias.paste=!set -e; cd ${root}; ${lines.join('\n')}`, 'paste')
  return (await readSharedLock(git, 'origin'))?.oid ?? null
}
