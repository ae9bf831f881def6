import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { cannotMount, mountAt } from '../helpers/backing-up.ts'
import { sampled } from '../helpers/sampled.ts'
import { expectNothingMixed, live, operation } from '../helpers/surviving.ts'
import type { OperationName } from '../helpers/surviving.ts'

const NEEDS_MOUNT = 'as root, util-linux'

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

const FILLED: readonly [OperationName, string][] = [
  ['restore', 'stop'],
  ['drill full --live', 'stop'],
  ['backup release', 'capture.database'],
  ['drill spot', 'readable.'],
]

test.skipIf(cannotMount).each(sampled(FILLED))(
  `fault 50: %s whose journal finds no room any more at %s is put back whole (${NEEDS_MOUNT})`,
  { timeout: 60_000 },
  async (name, where) => {
    const one = await operation(name)
    const plan = await one.plan()
    const before = live(one)
    const runs = join(one.site.root, '.knowngood/runs')
    const volume = mountAt(runs, 'size=1m')
    onTestFinished(() => volume.done())
    let full = false
    const ended = await one.site.execute(plan, (step) => {
      if (full || !step.startsWith(where)) return
      full = true
      fill(join(runs, 'filler'))
    })
    expect(full).toBe(true)
    expect(ended.error).toMatch(/ENOSPC|no space/i)
    expect(ended.exit).toBe(4)
    expect(live(one)).toEqual(before)
    expect(one.site.asked().at(-1) ?? 'status').not.toBe('stop')
    await expectNothingMixed(one, name)
    expect((await one.site.facts()).lock).toMatchObject({ local: { value: null }, shared: { value: null } })

    // Once there is room it is done, with nothing mended by hand.
    rmSync(join(runs, 'filler'))
    expect(await one.site.execute(await one.plan())).toMatchObject({ exit: 0, owed: [] })
    await expectNothingMixed(one, name)
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
