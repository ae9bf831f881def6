import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { planDeploy } from '../../src/plans/deploy.ts'
import { listReleases } from '../../src/records/release-record.ts'
import { runKilled } from '../helpers/killed.ts'
import { production } from '../helpers/production.ts'

test('a deploy makes the backup it is told to, and log, record and tag name it', async () => {
  const at = await production((project) => ({ ...project, deploy: { ...project.deploy, backup: 'release' } }))
  await at.ready()
  const { root } = at.project
  const result = await at.execute(planDeploy(at.project, await at.facts(), { type: 'patch' }, at.decided('deploy')))
  expect([result.error, result.exit]).toEqual([null, 0])
  const path = String(result.gives['backup.publish']?.['path'])
  expect(path).toMatch(/^backups\/releases\/\d{8}_\d{6}Z$/)
  expect(readFileSync(join(root, path, 'DEPLOYMENT_TYPE.txt'), 'utf8')).toBe('patch\n')
  const [row] = await listReleases(root, at.project.records.url, 1)
  expect(row).toMatchObject({ backupPath: path, deploymentType: 'patch', outcome: 'certified' })
  const log = readdirSync(join(root, 'deploy_logs')).find((name) => name.includes('certified')) ?? ''
  expect(readFileSync(join(root, 'deploy_logs', log), 'utf8')).toContain(path)
  expect(await at.sh('tag', '-l', '--format=%(contents)', row?.tag ?? '')).toContain(`Backup: ${path}`)
  // The deploy's own backup comes on top of the operator's, and never stands for it.
  const { session } = await at.facts()
  expect(session.ok && session.value?.backups).toEqual([expect.stringMatching(/^quick-/)])
  expect(existsSync(join(root, path, 'MANIFEST.md'))).toBe(true)
}, 60_000)

test('a deploy that was killed after its backup goes on with that one', async () => {
  const at = await production((project) => ({ ...project, deploy: { ...project.deploy, backup: 'release' } }))
  await at.ready()
  const { root } = at.project
  const plan = planDeploy(at.project, await at.facts(), { type: 'release' }, at.decided('deploy'))
  for (const step of ['backup.publish', 'build'])
    expect((await runKilled(root, plan, step === 'build' ? 'resume' : 'run', { when: 'acted', step })).killed).toBe(
      true,
    )
  const resumed = await runKilled(root, plan, 'resume', null)
  expect([resumed.error, resumed.exit, resumed.err]).toEqual([null, 0, ''])
  expect(readdirSync(join(root, 'backups/releases'))).toHaveLength(1)
  const { backups } = await at.facts()
  expect(backups.ok && backups.value.filter(({ kind }) => kind === 'release')).toMatchObject([
    { state: 'ok', rung: 'hashed' },
  ])
}, 60_000)
