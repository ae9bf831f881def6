import { expect, test } from 'vitest'
import { day, freeName, isRunId, runId, slug, timestamp } from '../../src/core/naming.ts'

const at = new Date('2025-11-21T12:07:11.400Z')

test('times are UTC whatever the machine says', () => {
  expect(timestamp(at)).toBe('20251121_120711Z')
  expect(day(at)).toBe('2025-11-21')
  expect(runId('deploy', at, 'a1b2')).toBe('deploy-20251121_120711Z-a1b2')
})

test('only a run id is taken as one', () => {
  expect(isRunId('verify-live-20251121_120711Z-a1b2')).toBe(true)
  for (const bad of ['../x', 'deploy', 'deploy-20251121_120711Z-a1b2/..', '']) expect(isRunId(bad)).toBe(false)
})

test('names stay free and safe', () => {
  expect(freeName('prod', ['prod', 'prod-2'])).toBe('prod-3')
  expect(freeName('app', ['app-prod'])).toBe('app')
  expect(slug('Café: ../fix $(rm)')).toBe('cafe-fix-rm')
  expect(slug('…')).toBe('untitled')
})
