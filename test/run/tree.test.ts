import { rm } from 'node:fs/promises'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { headlessFace } from '../../src/report/listr.ts'
import { executePlan } from '../../src/run/execute.ts'
import { five, make, tinyCall, tinyCalls, tinyPlan, tinyRoot } from '../helpers/tiny-run.ts'

const NAME = '\u001b]52;c;eA==\u0007evil\u202egnp\u009b31m'

let root = ''
beforeEach(async () => {
  root = await tinyRoot()
})
afterEach(() => rm(root, { recursive: true, force: true }))

/** What a run writes to the terminal, and how it ends. */
async function drawn(onFail: 'undo' | 'owe') {
  const said: string[] = []
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => said.push(String(chunk)) > 0)
  onTestFinished(() => write.mockRestore())
  const calls = {
    ...tinyCalls,
    'tiny.break': async () => {
      throw new Error(`${NAME} at https://ana:hunter22@example.org`)
    },
  }
  const inner = { ...make(2), id: 'break', title: `Break ${NAME}`, actions: [tinyCall('tiny.break')], undo: [], onFail }
  const outer = { ...make(1), steps: [inner] }
  const plan = tinyPlan([outer, five[2]!])
  const result = await executePlan({ root, plan, answers: {}, calls, by: 'ana', face: headlessFace() })
  write.mockRestore()
  return { shown: said.join(''), result }
}

test('fault 65: a step that fails is drawn inert, and what failed stays what it was', async () => {
  const { shown, result } = await drawn('undo')
  expect(shown).toContain('Break evilgnp [FAILED: evilgnp at https://***@example.org]')
  // oxlint-disable-next-line no-control-regex -- that is what is looked for
  expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
  expect(result).toMatchObject({ exit: 4, outcome: 'undone', failedStep: `Break ${NAME}` })
  expect(result.error).toContain(NAME)
})

test('what is owed is drawn inert, and the run goes on', async () => {
  const { shown, result } = await drawn('owe')
  expect(shown).toContain('Break evilgnp [FAILED: evilgnp at https://***@example.org]')
  // oxlint-disable-next-line no-control-regex -- that is what is looked for
  expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
  expect(result).toMatchObject({ exit: 0, outcome: 'done', owed: [expect.stringContaining(NAME)] })
})
