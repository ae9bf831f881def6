import { expect, test } from 'vitest'
import { planSacred } from '../../src/plans/sacred.ts'
import { statusLines } from '../../src/report/status.ts'
import { readAudit } from '../../src/records/audit-log.ts'
import { production } from '../helpers/production.ts'

test('a sacred point is recorded with its commit, so that a moved one is named', { timeout: 60_000 }, async () => {
  const { demo, project, facts, decided, execute, sh } = await production()
  const plan = planSacred(project, await facts(), { name: 'before-v2' }, decided('sacred'))
  expect(plan.holds).toEqual([])
  expect(await execute(plan)).toMatchObject({ exit: 0 })
  const { tag, commit } = plan.names
  expect(await sh('ls-remote', 'origin', `refs/tags/${tag}^{}`)).toContain(commit)
  const lines = (await readAudit(demo.root)).flatMap(({ entry }) => (entry?.event === 'sacred' ? [entry] : []))
  expect(lines).toMatchObject([{ outcome: 'started' }, { outcome: 'done', detail: { tag, commit, exit: 0 } }])
  const standing = await facts()
  expect(standing.drift.join('\n')).not.toContain(tag)
  // It stands on the commit of the live release, and does not take its name.
  expect(statusLines(project, standing).join('\n')).toMatch(/Live +prod-\d/)
  await sh('tag', '--force', '-a', '-m', 'elsewhere', tag ?? '', 'main')
  const here = (await sh('rev-parse', 'main')).slice(0, 7)
  expect((await facts()).drift).toContain(
    `The tag ${tag} was recorded on ${commit?.slice(0, 7)} and is on ${here} now.`,
  )
})
