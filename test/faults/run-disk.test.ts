import { appendFileSync, closeSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Plan } from '../../src/core/plan.ts'
import { summarise } from '../../src/run/summary.ts'
import { cannotMount, mountAt } from '../helpers/backing-up.ts'
import { sampled } from '../helpers/sampled.ts'
import { expectNothingMixed, live, operation } from '../helpers/surviving.ts'
import type { Operation, OperationName } from '../helpers/surviving.ts'

const NEEDS_MOUNT = 'as root, util-linux'
/** Of the file system that is filled, bytes. */
const BLOCK = 4096

/** Takes what room is left where that file is. */
function fill(path: string): void {
  const file = openSync(path, 'w')
  try {
    for (let size = 65_536; size > 0; size = size === 1 ? 0 : size / 16) {
      const block = Buffer.alloc(size)
      try {
        for (;;) if (writeSync(file, block) < size) break
      } catch {
        // Smaller ones may still fit.
      }
    }
  } finally {
    closeSync(file)
  }
}

/** How often the disk is filled: once leaves the run the room it kept for itself, each time it begins a step nothing at all. */
type Often = 'once' | 'again and again'

/** Fills the disk under the runs from that step on, to the last byte that the journal's own block still had. */
function filling(one: Operation, plan: Plan, where: string, often: Often) {
  const runs = join(one.site.root, '.knowngood/runs')
  const journal = join(runs, plan.names['run'] ?? '', 'journal.jsonl')
  let times = 0
  return {
    times: () => times,
    onStep: (step: string) => {
      if (times === 0 ? !step.startsWith(where) : often === 'once') return
      times += 1
      fill(join(runs, `filler-${times}`))
      const over = statSync(journal).size % BLOCK
      if (over > 0) appendFileSync(journal, '\n'.repeat(BLOCK - over))
    },
    free: () => {
      for (let time = 1; time <= times; time += 1) rmSync(join(runs, `filler-${time}`), { force: true })
    },
  }
}

const FILLED: readonly [OperationName, string][] = [
  ['restore', 'stop'],
  ['emergency', 'stop'],
  ['drill full --live', 'stop'],
  ['backup release', 'capture.database'],
  ['drill spot', 'readable.'],
]

const smallRuns = (one: Operation) => {
  const volume = mountAt(join(one.site.root, '.knowngood/runs'), 'size=1m')
  onTestFinished(() => volume.done())
}

test.skipIf(cannotMount).each(sampled(FILLED))(
  `fault 50: %s whose journal finds no room any more at %s is put back whole (${NEEDS_MOUNT})`,
  { timeout: 60_000 },
  async (name, where) => {
    const one = await operation(name)
    const plan = await one.plan()
    const before = live(one)
    smallRuns(one)
    const disk = filling(one, plan, where, 'again and again')
    const ended = await one.site.execute(plan, disk.onStep)
    expect(disk.times()).toBeGreaterThan(0)
    expect(ended.error).toMatch(/ENOSPC|no space/i)
    expect(ended.exit).toBe(4)
    expect(live(one)).toEqual(before)
    expect(one.site.asked().at(-1) ?? 'status').not.toBe('stop')
    await expectNothingMixed(one, name)
    expect((await one.site.facts()).lock).toMatchObject({ local: { value: null }, shared: { value: null } })

    // Once there is room it is done, with nothing mended by hand.
    disk.free()
    expect(await one.site.execute(await one.plan())).toMatchObject({ exit: 0, owed: [] })
    await expectNothingMixed(one, name)
  },
)

test.skipIf(cannotMount).each(['restore', 'emergency'] as const)(
  `fault 50: %s whose disk is full when it starts the services is finished in the room it kept for that (${NEEDS_MOUNT})`,
  { timeout: 60_000 },
  async (name) => {
    const one = await operation(name)
    // What the service writes as it starts stands on the same disk.
    const up = join(one.site.root, '.knowngood/runs/service.up')
    const service = readFileSync(join(one.site.root, 'service'), 'utf8')
    writeFileSync(
      join(one.site.root, 'service'),
      service.replace('touch ', 'echo running > ').replaceAll('service.up', up),
    )
    const plan = await one.plan()
    smallRuns(one)
    const disk = filling(one, plan, 'start', 'once')
    const ended = await one.site.execute(plan, disk.onStep)
    expect(ended).toMatchObject({ exit: 0, outcome: 'done', error: null })
    expect(disk.times()).toBe(1)
    expect(live(one)).toEqual({ users: ['ana', 'ben'], upload: 'first' })
    expect(readFileSync(up, 'utf8')).toBe('running\n')
    expect(await summarise(one.site.root, ended.run)).toMatchObject({ state: 'ended', exit: 0, outcome: 'done' })
  },
)

test.skipIf(cannotMount)(
  `fault 20: a mirror that is full takes no half copy that counts, and goes on once there is room (${NEEDS_MOUNT})`,
  { timeout: 60_000 },
  async () => {
    const one = await operation('mirror')
    const place = join(one.site.root, 'mirror')
    rmSync(join(place, '.knowngood-mirror'))
    const volume = mountAt(place, 'size=1m')
    onTestFinished(() => volume.done())
    closeSync(openSync(join(place, '.knowngood-mirror'), 'w'))
    const plan = await one.plan()
    let full = false
    const ended = await one.site.execute(plan, (step) => {
      if (full || !step.startsWith('mirror-1.put.')) return
      full = true
      fill(join(place, 'filler'))
    })
    expect([full, ended.owed.length]).toEqual([true, 1])
    expect(ended.owed.join()).toMatch(/ENOSPC|no space|bytes free/i)
    await expectNothingMixed(one, 'full')
    rmSync(join(place, 'filler'))
    expect(await one.site.execute(await one.plan())).toMatchObject({ exit: 0, owed: [] })
    await expectNothingMixed(one, 'again')
  },
)

test(
  'fault 68: a restore whose audit log is taken away while it runs is finished, and owes the line',
  { timeout: 60_000 },
  async () => {
    const one = await operation('restore')
    const log = join(one.site.root, '.verification_audit.log')
    const plan = await one.plan()
    const ended = await one.site.execute(plan, (step) => {
      if (step !== 'swap.database') return
      renameSync(log, `${log}.aside`)
      mkdirSync(log)
    })
    expect(ended).toMatchObject({ exit: 0, outcome: 'done' })
    expect(ended.owed.join()).toMatch(/audit log/i)
    expect(live(one)).toEqual({ users: ['ana', 'ben'], upload: 'first' })
    expect((await one.site.facts()).lock).toMatchObject({ local: { value: null }, shared: { value: null } })
  },
)
