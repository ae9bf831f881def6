import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { statePaths } from '../../src/core/paths.ts'
import { planPrune } from '../../src/plans/prune.ts'
import { runKilled } from '../helpers/killed.ts'
import { decidedNow } from '../helpers/decided.ts'
import { restorable } from '../helpers/restorable.ts'

test(
  'fault 4: a prune that is killed, before it acts, after it or between two files, is finished by resuming',
  { timeout: 120_000 },
  async () => {
    const site = await restorable()
    const ids: string[] = []
    for (let count = 0; count < 4; count += 1) ids.push(await site.backup('full'))
    const file = join(site.root, 'knowngood.yaml')
    writeFileSync(file, readFileSync(file, 'utf8').replace('backups:\n', 'backups:\n  full: { keep: 2 }\n'))
    const plan = planPrune(await site.project(), await site.facts(), { kind: 'full' }, decidedNow('prune'))
    expect(await runKilled(site.root, plan, 'run', { when: 'before', step: 'prune-full' })).toMatchObject({
      killed: true,
    })
    expect((await site.facts()).backups).toMatchObject({ value: { length: 4 } })

    // As a kill between the two leaves it: written down, the record aside already, its export still there.
    const folder = join(site.root, 'backups/full')
    const record =
      readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .toSorted()[0] ?? ''
    const { exports } = JSON.parse(readFileSync(join(folder, record), 'utf8')) as { exports: { path: string }[] }
    const intent = { kind: 'full', paths: [`backups/full/${record}`, ...exports.map(({ path }) => path)] }
    const { deleting } = statePaths(site.root)
    mkdirSync(deleting, { recursive: true })
    writeFileSync(join(deleting, `${ids[0]}.json`), JSON.stringify(intent))
    renameSync(join(folder, record), join(folder, `.deleting-${record}`))
    expect(await runKilled(site.root, plan, 'resume', { when: 'acted', step: 'prune-full' })).toMatchObject({
      killed: true,
    })
    expect(await runKilled(site.root, plan, 'resume', null)).toMatchObject({ exit: 0 })
    const left = readdirSync(folder)
    expect(left.filter((name) => name.startsWith('.deleting-'))).toEqual([])
    const facts = await site.facts()
    expect(facts.backups.ok && facts.backups.value.map(({ id }) => id).toSorted()).toEqual(ids.slice(-2).toSorted())
    expect(left.filter((name) => name.endsWith('.db'))).toHaveLength(2)
    expect(readdirSync(deleting)).toEqual([])
    expect(existsSync(join(site.root, '.knowngood/lock'))).toBe(false)
  },
)
