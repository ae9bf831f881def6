import { describe, expect, test } from 'vitest'
import { operation, pointsOf, surviveKill, surviveSignal } from '../helpers/surviving.ts'
import type { OperationName } from '../helpers/surviving.ts'

const OPERATIONS: readonly OperationName[] = [
  'backup full',
  'backup set',
  'backup site',
  'backup bundle',
  'backup dump',
  'backup data',
  'backup release',
  'backup baseline',
  'restore',
  'emergency',
  'prune',
  'drill spot',
  'drill full',
  'drill full --live',
  'mirror',
  'baseline proof',
]
const MINUTES = 60_000
const only = process.env['SURVIVING']

const slow = process.env['KNOWNGOOD_SLOW'] === '1'

describe.runIf(slow).each(OPERATIONS.filter((name) => only === undefined || name === only))('%s', (name) => {
  test(
    'fault 5: told to stop at any step by SIGTERM or SIGHUP, it is put back or was done, and nothing is left',
    { timeout: 15 * MINUTES },
    async () => {
      const one = await operation(name)
      const points = pointsOf(await one.plan()).length
      expect(points).toBeGreaterThan(0)
      for (let index = 0; index < points; index += 1)
        await surviveSignal(one, index, index % 4 < 2 ? 'SIGTERM' : 'SIGHUP')
    },
  )

  test(
    'fault 4: killed at any step it is resumed, and put back or abandoned, and nothing is left',
    { timeout: 30 * MINUTES },
    async () => {
      const one = await operation(name)
      const points = pointsOf(await one.plan()).length
      for (let index = 0; index < points; index += 1)
        for (const how of ['resume', index % 4 < 2 ? 'undo' : 'abandon'] as const) await surviveKill(one, index, how)
    },
  )
})
