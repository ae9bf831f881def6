import { expect, test, vi } from 'vitest'
import { confirmGate, failGate } from '../../src/calls/gate-verdict.ts'
import { run as certify } from '../../src/commands/certify.ts'
import { run as deploy } from '../../src/commands/deploy.ts'
import type { Project } from '../../src/core/project.ts'
import { planCertify } from '../../src/plans/certify.ts'
import { headless } from '../helpers/context.ts'
import { production } from '../helpers/production.ts'

const confirmedAfter = (project: Project): Project => ({
  ...project,
  gate: {
    ...project.gate,
    confirmations: [
      { id: 'sign-in', title: 'Signs in', look: 'The form', why: 'It broke', evidence: 'optional', when: 'before' },
      { id: 'eyes', title: 'Seen by eyes', look: 'The page', why: 'It is live', evidence: 'optional', when: 'after' },
    ],
  },
})

test('what is confirmed after a deploy certifies it, in a run of its own', { timeout: 90_000 }, async () => {
  const site = await production(confirmedAfter)
  const { demo, project, facts, ready, sh, decided, execute } = site
  await ready()
  const next = await sh('rev-parse', 'main')
  await confirmGate(project, next, 'sign-in', [], { operator: 'ana' })
  const context = headless(demo.root, {
    project: () => Promise.resolve(project),
    facts,
    now: () => new Date(),
  })
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const before = await sh('ls-remote', 'origin', 'refs/tags/*', 'refs/heads/prod-current')
  const released = await deploy(context, [], { yes: true })
  expect(released).toMatchObject({ exit: 0, data: { success: true, tag: null, outcome: 'done' } })
  expect(released.lines[0]).toMatch(/^Verified live, not certified/)
  expect(released.lines[0]).toContain('knowngood certify')
  expect(await sh('ls-remote', 'origin', 'refs/tags/*', 'refs/heads/prod-current')).toBe(before)
  expect(await sh('ls-remote', 'origin', 'refs/heads/main')).toContain(next)

  const early = planCertify(project, await facts(), {}, decided('certify'))
  expect(early.holds).toMatchObject([{ id: 'confirm-eyes', fix: 'knowngood gate confirm eyes' }])
  await confirmGate(project, next, 'eyes', [], { operator: 'ana' })

  // What is found wrong afterwards counts, and is looked for once more under the lock.
  const reviewed = planCertify(project, await facts(), {}, decided('certify'))
  expect(reviewed.holds).toEqual([])
  await failGate(project, next, 'sign-in', 'the cookie is gone', { operator: 'ben' })
  expect(planCertify(project, await facts(), {}, decided('certify')).holds).toMatchObject([
    { id: 'confirm-sign-in', why: 'Signs in failed' },
  ])
  expect(await execute(reviewed)).toMatchObject({ exit: 3 })
  expect(await sh('ls-remote', 'origin', 'refs/tags/*', 'refs/heads/prod-current')).toBe(before)
  await confirmGate(project, next, 'sign-in', [], { operator: 'ana' })
  const certified = await certify(context, [], { yes: true })
  expect(certified).toMatchObject({ exit: 0, data: { success: true, commitHash: next, owed: [] } })
  const tag = String(certified.data['tag'])
  const remote = await sh('ls-remote', 'origin')
  expect(remote).toContain(`${next}\trefs/tags/${tag}^{}`)
  expect(remote).toContain(`${next}\trefs/heads/prod-current`)
  expect(remote).not.toContain('refs/knowngood/lock')

  const after = await facts()
  expect(after.drift).toEqual([])
  expect(after.releases).toMatchObject({ value: [{ outcome: 'certified', tag, commitSha: next }] })
  const kept = (after.backups.ok ? after.backups.value : []).find((one) => one.id === tag)
  expect(kept).toMatchObject({ kind: 'prod', state: 'ok', rung: 'hashed', commit: next })
  const again = planCertify(project, after, {}, decided('certify'))
  expect(again.holds).toMatchObject([{ id: 'nothing' }])
})
