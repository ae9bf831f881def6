import { expect, test } from 'vitest'
import { known } from '../../src/core/known.ts'
import { statusLines } from '../../src/report/status.ts'
import { runSummary } from '../helpers/fake-deck.ts'
import { NOW, someFacts } from '../helpers/fake-facts.ts'
import { projectAt } from '../helpers/project.ts'

test('a run that is at work is not called interrupted, and one that was is', () => {
  const told = (state: 'running' | 'interrupted') =>
    statusLines(projectAt('/p'), { ...someFacts(), runs: known([runSummary({ state })], NOW) }).join('\n')
  expect(told('running')).toMatch(/ {2}Running\n +Deploy 9f2c1e0: running at Verify live \(knowngood attach deploy-/)
  expect(told('running')).not.toContain('Interrupted')
  expect(told('interrupted')).toMatch(/ {2}Interrupted\n +Deploy 9f2c1e0: interrupted at .*\(knowngood resume deploy-/)
  expect(told('interrupted')).not.toContain('Running')
})
