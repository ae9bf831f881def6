import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { valueOr } from '../../src/core/known.ts'
import { rollbackCandidates } from '../../src/core/rollback-candidates.ts'
import { planDeploy } from '../../src/plans/deploy.ts'
import { planRollback } from '../../src/plans/rollback.ts'
import { planVerifyLive } from '../../src/plans/verify-live.ts'
import { production } from '../helpers/production.ts'

test('a release is backed up, published, proven live and only then tagged', { timeout: 60_000 }, async () => {
  const { project, facts, decided, execute, ready, sh } = await production()
  await ready()
  const seen = await facts()
  const plan = planDeploy(project, seen, { type: 'release' }, decided('deploy'))
  expect(plan.holds).toEqual([])
  const result = await execute(plan)
  expect(result).toMatchObject({ exit: 0, outcome: 'done', owed: [], error: null })
  const next = await sh('rev-parse', 'main')
  const remote = await sh('ls-remote', 'origin')
  expect(remote).toContain(`${next}\trefs/heads/main`)
  expect(remote).toContain(`${next}\trefs/heads/prod-current`)
  expect(remote).toContain(`${next}\trefs/tags/${plan.names['tag']}^{}`)
  expect(remote).not.toContain('refs/knowngood/lock')
  expect(await sh('worktree', 'list', '--porcelain')).not.toContain('knowngood-deploy')
  const after = await facts()
  expect(after.drift).toEqual([])
  expect(after.releases).toMatchObject({ ok: true, value: [{ outcome: 'certified', tag: plan.names['tag'] }] })
  const backups = after.backups.ok ? after.backups.value : []
  expect(backups.find((one) => one.id === plan.names['tag'])).toMatchObject({
    kind: 'prod',
    state: 'ok',
    rung: 'hashed',
  })
  expect(await execute(planVerifyLive(project, after, {}, decided('verify-live')))).toMatchObject({ exit: 0 })

  const again = planDeploy(project, after, { type: 'release' }, decided('deploy'))
  const says = `${next.slice(0, 7)} is live already, as ${plan.names['tag']}: it is built and released once more, and named ${plan.names['tag']}-2 as well.`
  expect(plan.warnings.join()).not.toContain('live already')
  expect(again.warnings).toContain(says)
})

test('without a commit there are no steps, which would read as commands that remove the branch', async () => {
  const { project, facts, decided } = await production()
  const seen = await facts()
  if (!seen.git.ok) throw new Error(seen.git.because)
  const none = { ...seen, git: { ...seen.git, value: { ...seen.git.value, next: null } } }
  const plan = planDeploy(project, { ...none }, { type: 'release' }, decided('deploy'))
  expect(plan).toMatchObject({ steps: [], always: [], title: 'Deploy nothing to mosaic / production' })
})

test.each(['revert', 'reset'] as const)(
  'a bad release stays until a rollback by %s, which proves what it brought back',
  { timeout: 60_000 },
  async (by) => {
    const { demo, project, facts, decided, execute, ready, sh } = await production()
    await ready()
    expect(await execute(planDeploy(project, await facts(), { type: 'release' }, decided('deploy')))).toMatchObject({
      exit: 0,
    })
    const good = await sh('rev-parse', 'main')
    await writeFile(join(demo.root, 'health'), 'broken')
    const { commitBadRelease } = await import('../../src/demo/bad-release.ts')
    const bad = await commitBadRelease(demo, new Date())
    await ready()
    const before = await facts()
    const failed = planDeploy(project, before, { type: 'patch' }, decided('deploy'))
    expect(await execute(failed)).toMatchObject({ exit: 7, outcome: 'halted' })
    const seen = await facts()
    expect(seen.git).toMatchObject({ value: { remoteBranch: bad, current: good } })
    const tag = seen.git.ok ? seen.git.value.tags.find((one) => one.commit === good)?.name : undefined
    const plan = planRollback(project, seen, { to: tag ?? '', by, reason: 'broken' }, decided('rollback'))
    expect(plan.holds).toEqual([])
    expect(await execute(plan)).toMatchObject({ exit: 0, owed: [], error: null })
    const after = await facts()
    const own = rollbackCandidates(project, after).find((one) => one.commit === bad)
    expect(own).toMatchObject({ kind: 'quick', offered: true, failed: 'stopped at Verify live' })
    expect(valueOr(after.backups, []).find((one) => one.id === own?.id)?.notes).toBe(
      `before rolling back to ${tag}, of a release that failed`,
    )
    expect(planRollback(project, after, { to: own?.id ?? '' }, decided('rollback')).warnings).toContain(
      `The release of ${bad.slice(0, 7)} stopped at Verify live: it was never proven live.`,
    )
    const current = after.git.ok ? after.git.value.current : null
    expect(after.live).toMatchObject({ value: { buildId: current, matches: current } })
    expect(await sh('rev-parse', `${current}^{tree}`)).toBe(await sh('rev-parse', `${good}^{tree}`))
    expect(await sh('rev-parse', 'main')).toBe(bad)
    const kept = await sh('ls-remote', 'origin', `refs/knowngood/undo/${plan.names['run']}`)
    expect({ isOldCommit: current === good, keeps: kept.slice(0, 40) }).toEqual(
      by === 'reset' ? { isOldCommit: true, keeps: bad } : { isOldCommit: false, keeps: '' },
    )
    expect(after.releases).toMatchObject({ value: [{ outcome: 'rollback' }, { outcome: 'certified' }] })
  },
)

test('a refused push puts everything back', { timeout: 60_000 }, async () => {
  const { demo, project, facts, decided, execute, ready, sh } = await production()
  await ready()
  const before = await sh('ls-remote', 'origin', 'refs/heads/*', 'refs/tags/*')
  const plan = planDeploy(project, await facts(), { type: 'release' }, decided('deploy'))
  await writeFile(
    join(demo.remote, 'hooks', 'pre-receive'),
    '#!/bin/sh\nwhile read a b ref; do case $ref in refs/heads/main) exit 1;; esac; done\n',
    { mode: 0o755 },
  )
  expect(await execute(plan)).toMatchObject({ exit: 4, outcome: 'undone' })
  expect(await sh('ls-remote', 'origin', 'refs/heads/*', 'refs/tags/*')).toBe(before)
  expect(await sh('ls-remote', 'origin', 'refs/knowngood/lock')).toBe('')
})

test('a branch that moved after the review holds the run, and names the difference', { timeout: 60_000 }, async () => {
  const { project, facts, decided, execute, ready, sh } = await production()
  await ready()
  const plan = planDeploy(project, await facts(), { type: 'release' }, decided('deploy'))
  await sh('push', '--quiet', 'origin', 'main~1:refs/heads/main')
  const result = await execute(plan)
  expect(result).toMatchObject({ exit: 3, outcome: 'held' })
  expect(result.error).toContain('origin: main was at')
})
