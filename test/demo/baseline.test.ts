import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadProject } from '../../src/config/load.ts'
import { chooseBaseline } from '../../src/core/baseline.ts'
import { valueOr } from '../../src/core/known.ts'
import { makeDemo } from '../../src/demo/demo.ts'
import { observe } from '../../src/facts/observe.ts'
import { readAudit, verifyAudit } from '../../src/records/audit-log.ts'

test('the demo begins with a baseline that is frozen, proven, told of in the audit log, and goes with it', async () => {
  const demo = await makeDemo()
  try {
    const project = await loadProject(demo.root, demo.env)
    const facts = await observe(project, { only: ['git', 'backups'] })
    const baseline = chooseBaseline(valueOr(facts.backups, []), 'latest')
    expect(baseline).toMatchObject({ id: 'immaculate-1', state: 'ok', rung: 'restored' })
    expect(facts.git.ok && facts.git.value.dirty).toEqual([])

    const folder = join(demo.root, 'immaculate', 'immaculate-1')
    expect((await stat(folder)).mode & 0o777).toBe(0o500)
    execFileSync('sha256sum', ['--check', '--quiet', 'CHECKSUM.sha256'], { cwd: folder })
    expect(
      execFileSync('git', ['bundle', 'list-heads', 'git/repo.bundle'], { cwd: folder, encoding: 'utf8' }),
    ).toContain(baseline?.commit ?? 'none')
    const line = (await readAudit(demo.root)).findLast(({ entry }) => entry?.event === 'baseline.create')
    expect(line?.entry?.detail?.['sha256']).toBe(baseline?.digest)
    expect((await verifyAudit(demo.root)).ok).toBe(true)
  } finally {
    await demo.stop()
  }
  expect(existsSync(demo.dir)).toBe(false)
})
