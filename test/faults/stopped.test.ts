import { expect, test } from 'vitest'
import { operation, pointsOf, surviveKill, surviveSignal } from '../helpers/surviving.ts'
import type { OperationName } from '../helpers/surviving.ts'

/** At every step of every operation: test/slow/surviving.test.ts and test/slow/deploy-stopped.test.ts. */
const OPERATIONS: readonly OperationName[] = [
  'backup data',
  'backup release',
  'restore',
  'drill spot',
  'drill full --live',
  'mirror',
  'baseline proof',
]

test.each(OPERATIONS)(
  'fault 5: a %s that is told to stop in its midst is put back; killed there it is resumed, and nothing is left',
  { timeout: 60_000 },
  async (name) => {
    const one = await operation(name)
    const points = pointsOf(await one.plan())
    expect(points.length).toBeGreaterThan(1)
    const middle = 2 * Math.floor(points.length / 4)
    await surviveSignal(one, middle, name.length % 2 === 0 ? 'SIGTERM' : 'SIGHUP')
    await surviveKill(one, middle + 1, 'resume')
  },
)
