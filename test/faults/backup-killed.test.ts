import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { plainBackups } from '../../src/config/fill-backups.ts'
import type { BackupKind } from '../../src/core/backup.ts'
import { allSteps } from '../../src/core/plan.ts'
import { backingUp } from '../helpers/backing-up.ts'
import { runKilled } from '../helpers/killed.ts'
import type { Kill } from '../helpers/killed.ts'
import { missing } from '../helpers/needs.ts'
import { sampled } from '../helpers/sampled.ts'

/** Nothing is pruned while the made ones are counted. */
const plain = plainBackups('mosaic')
const roomy = { backups: { ...plain, full: { ...plain.full, keep: 100 }, dump: { ...plain.dump, keep: 100 } } }
/** So that the nth call is the nth whichever thread makes it. */
const ONE_THREAD = { UV_THREADPOOL_SIZE: '1' }
/** Of each layout one at every step; of the others, where they are given their name. */
const KINDS: readonly [BackupKind, RegExp][] = [
  ['full', /./],
  ['set', /./],
  ['site', /^backup\.publish/],
  ['bundle', /^backup\.publish/],
  ['dump', /^backup\.publish/],
]

test.each(KINDS)(
  'fault 24: killed at any step of a %s backup there is a whole one or none, and a resume makes exactly one',
  async (kind, which) => {
    const at = backingUp(roomy)
    const steps = allSteps(await at.plan({ kind })).filter(({ id }) => id !== 'backup.tidy' && which.test(id))
    const kills = steps.flatMap(({ id }): Kill[] => [
      { when: 'before', step: id },
      { when: 'acted', step: id },
    ])
    for (const [index, kill] of sampled(kills).entries()) {
      const plan = await at.plan({ kind, name: `s${index}` }, new Date(Date.now() - (100 - index) * 60_000))
      const before = (await at.list()).length
      const ended = await runKilled(at.root, plan, 'run', kill)
      expect(ended, `${kill.when} ${kill.step}: ${ended.err}`).toMatchObject({ killed: true })
      const listed = await at.list()
      expect(listed.filter((one) => one.state !== 'ok')).toEqual([])
      expect(listed.length - before).toBeLessThanOrEqual(1)
      const resumed = await runKilled(at.root, plan, 'resume', null)
      expect(resumed.exit, `${kill.when} ${kill.step}: ${resumed.error} ${resumed.err}`).toBe(0)
      const after = await at.list()
      expect(after.length).toBe(before + 1)
      expect(after.filter((one) => one.state !== 'ok' || one.rung !== 'hashed')).toEqual([])
    }
    expect(leftovers(at.root)).toEqual([])
  },
  180_000,
)

test.each(['full', 'set', 'site'] as const)(
  'fault 24: a %s backup that was killed and is put back leaves nothing, unless it was finished',
  async (kind) => {
    const at = backingUp()
    for (const step of ['backup.stage', `capture.${kind === 'site' ? 'site' : 'database'}`]) {
      const plan = await at.plan({ kind })
      expect((await runKilled(at.root, plan, 'run', { when: 'acted', step })).killed).toBe(true)
      expect((await runKilled(at.root, plan, 'undo', null)).exit).toBe(0)
      expect(at.standing()).toEqual([])
      expect(leftovers(at.root)).toEqual([])
    }
    const plan = await at.plan({ kind })
    await runKilled(at.root, plan, 'run', { when: 'acted', step: 'backup.publish' })
    await runKilled(at.root, plan, 'undo', null)
    expect((await at.list()).map(({ state, rung }) => [state, rung])).toEqual([['ok', 'hashed']])
  },
  120_000,
)

test.skipIf(missing('strace')).each(['full', 'set'] as const)(
  'fault 24: killed at any rename or link, a %s backup is whole or not there (strace)',
  async (kind) => {
    const at = backingUp(roomy)
    let killed = 0
    // More than there are: the loop ends where nothing is left to be killed at.
    const points = Array.from({ length: 60 }, (_, index) => index + 1)
    for (const nth of sampled(points, Number.POSITIVE_INFINITY)) {
      const plan = await at.plan({ kind, name: `r${nth}` }, new Date(Date.now() - (100 - nth) * 60_000))
      const calls = 'rename,renameat,renameat2,link,linkat'
      const kill = `inject=${calls}:signal=KILL:when=${nth}`
      const ended = at.under(['strace', '-f', '-o', '/dev/null', '-e', `trace=${calls}`, '-e', kill], plan, ONE_THREAD)
      const bad = (await at.list()).filter((one) => one.state !== 'ok')
      expect(bad.map(({ id, because }) => `${nth}: ${id} ${because}`)).toEqual([])
      if (ended.said?.exit === 0) break
      // Before its journal begins there is no run yet.
      if (!existsSync(join(at.root, '.knowngood/runs', plan.names['run'] ?? '', 'journal.jsonl'))) continue
      const resumed = await runKilled(at.root, plan, 'resume', null)
      // Before the first line of its journal it has not begun, after the last one it is over.
      if (/There is no run|has ended/.test(resumed.err)) continue
      expect(resumed.exit, `${nth}: ${resumed.error} ${resumed.err}`).toBe(0)
      killed += 1
    }
    expect(killed).toBeGreaterThan(0)
    expect(leftovers(at.root)).toEqual([])
  },
  240_000,
)

/** Anything with a name of ours that is only meant to be there for a while. */
function leftovers(root: string): string[] {
  const places = ['backups', 'releases', 'data', 'immaculate']
    .map((name) => join(root, name))
    .filter((path) => existsSync(path))
  return places.flatMap((path) =>
    readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => /\.partial|\.tmp$|\.deleting/.test(name)),
  )
}
