import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { keptBy } from '../../src/commands/restore-kept.ts'
import { rollbackCandidates } from '../../src/core/rollback-candidates.ts'
import { planBackup } from '../../src/plans/backup.ts'
import { planDeploy } from '../../src/plans/deploy.ts'
import { planRestoreUndo } from '../../src/plans/restore-undo.ts'
import { planRollback } from '../../src/plans/rollback.ts'
import { production } from '../helpers/production.ts'

test(
  'a rollback brings back a release with the data it had, and the data alone can be swapped forth again',
  { timeout: 120_000 },
  async () => {
    const site = await production((project) => ({
      ...project,
      services: [
        { stop: ['sh', '-c', 'echo stop >> asked'], start: ['sh', '-c', 'echo start >> asked'], status: null },
      ],
    }))
    const { project, demo } = site
    const file = join(demo.root, 'data/mosaic.db')
    const users = () => {
      const database = new DatabaseSync(file, { readOnly: true })
      const row = database.prepare('select count(*) as n from users').get()
      database.close()
      return row?.['n']
    }
    const live = await site.facts()
    const before = live.git.ok ? live.git.value.current : null
    const made = await site.execute(planBackup(project, live, { kind: 'full' }, site.decided('backup')))
    const id = String(made.gives['backup.publish']?.['id'])
    // The code of this backup is live: a rollback would change nothing of it, and its data has a way of its own.
    const same = planRollback(project, await site.facts(), { to: id, withData: true }, site.decided('rollback'))
    expect(same.holds).toMatchObject([{ id: 'not-offered', fix: `put its data alone back: knowngood restore ${id}` }])
    await site.ready()
    expect(
      await site.execute(planDeploy(project, await site.facts(), { type: 'release' }, site.decided('deploy'))),
    ).toMatchObject({
      exit: 0,
    })
    const database = new DatabaseSync(file)
    database.exec(
      "insert into users (email, created_at) values ('late@example.org', '2025-11-21'); create table newer (id)",
    )
    database.exec("insert into knex_migrations (name, batch, migration_time) values ('9999_newer.js', 99, 0)")
    database.close()

    const facts = await site.facts()
    const candidate = rollbackCandidates(project, facts).find((one) => one.id === id)
    expect(candidate).toMatchObject({ kind: 'full', offered: true, data: ['database'], schema: { verdict: 'differs' } })

    // The code alone is held: it would meet a database it was not made for.
    const alone = planRollback(project, facts, { to: id }, site.decided('rollback'))
    expect(alone.holds).toMatchObject([{ id: 'schema', fix: expect.stringContaining('--with-data') }])

    const plan = planRollback(project, facts, { to: id, withData: true, reason: 'a test' }, site.decided('rollback'))
    expect(plan.holds).toEqual([])
    expect(plan.loses.join()).toContain('What was written to database since')
    const done = await site.execute(plan)
    expect(done, done.error ?? '').toMatchObject({ exit: 0, owed: [] })
    expect(users()).toBe(120)
    const after = await site.facts()
    const current = after.git.ok ? after.git.value.current : null
    expect(await site.sh('rev-parse', `${current}^{tree}`)).toBe(await site.sh('rev-parse', `${before}^{tree}`))
    expect(after.live).toMatchObject({ value: { matches: current } })
    expect(after.releases.ok && after.releases.value.find((row) => row.run === plan.names['run'])).toMatchObject({
      outcome: 'rollback',
      backupPath: expect.stringMatching(/^backups\/pre-rollback-/),
    })
    expect(after.backups.ok && after.backups.value.find((one) => one.id.startsWith('pre-rollback-'))).toMatchObject({
      kind: 'set',
      state: 'ok',
      parts: [{ source: 'database' }],
    })

    const { of, kept } = await keptBy(demo.root, plan.names['run'] ?? '')
    const undo = { undo: plan.names['run'] ?? '', of, kept, reason: 'a test' }
    expect(await site.execute(planRestoreUndo(project, after, undo, site.decided('restore')))).toMatchObject({
      exit: 0,
    })
    expect(users()).toBe(121)
  },
)

test(
  'a rollback with data that breaks before it is certified puts the data back, too',
  { timeout: 120_000 },
  async () => {
    const site = await production()
    const { project, demo } = site
    const file = join(demo.root, 'data/mosaic.db')
    const made = await site.execute(planBackup(project, await site.facts(), { kind: 'full' }, site.decided('backup')))
    const id = String(made.gives['backup.publish']?.['id'])
    await site.ready()
    await site.execute(planDeploy(project, await site.facts(), { type: 'release' }, site.decided('deploy')))
    const database = new DatabaseSync(file)
    database.exec("insert into users (email, created_at) values ('late@example.org', '2025-11-21')")
    const plan = planRollback(
      project,
      await site.facts(),
      { to: id, withData: true, reason: 'a test' },
      site.decided('rollback'),
    )
    expect(plan.holds).toEqual([])
    // The remote takes no push any more, once the data is swapped.
    const remote = await site.sh('remote', 'get-url', 'origin')
    writeFileSync(
      join(remote.replace(/^file:\/\//, ''), 'hooks/pre-receive'),
      '#!/bin/sh\ncat | grep -q refs/heads/ && exit 1\nexit 0\n',
      {
        mode: 0o755,
      },
    )
    const broken = await site.execute(plan)
    expect(broken.exit).toBe(4)
    expect(database.prepare('select count(*) as n from users').get()).toEqual({ n: 121 })
    database.close()
  },
)

test('a backup without data has none to put back', async () => {
  const site = await production()
  await site.ready()
  const facts = await site.facts()
  const quick = rollbackCandidates(site.project, facts).find((one) => one.kind === 'quick')
  expect(quick?.data).toBeUndefined()
  const plan = planRollback(site.project, facts, { to: quick?.id ?? '', withData: true }, site.decided('rollback'))
  expect(plan.holds.map((hold) => hold.id)).toContain('no-data')
})
