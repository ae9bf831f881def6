import { expect, test } from 'vitest'
import { plain } from '../../src/tui/line.ts'
import { endLines } from '../../src/tui/screens/run-end.ts'
import { stepRows, visibleSteps } from '../../src/tui/screens/run-tree.ts'
import { ended, runningRestore } from '../helpers/fake-plans.ts'

const drawing = { columns: 80, now: new Date('2025-11-21T12:20:00.000Z'), spinner: '|', selected: null, active: null }

test('a run that was killed and then put back says so, and shows no step as still at work', () => {
  const killed = runningRestore('restore-1')
  const back = { ...ended(killed, 0, 'undone'), states: killed.states }
  const rows = stepRows(visibleSteps(back, 20, ''), back, drawing).map(plain)
  expect(rows.find((row) => row.includes('Restore beside'))).toMatch(/^ {2}○ {2}Restore beside/)
  expect(rows.join()).not.toMatch(/\d m/)
  const said = endLines(back, back.end ?? never(), 80)
    .map(plain)
    .join('\n')
  expect(said).toContain('Everything it had done was put back as it was.')
  expect(said).not.toContain('failed')
})

function never(): never {
  throw new Error('it has ended')
}
