import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { Io } from '../../src/core/plan.ts'
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

/** Everything that is written to a terminal so wide, while stdout is none, as a step counts its bytes beneath another one. */
async function onTerminal(columns: number) {
  const said: string[] = []
  const { stderr, stdout } = process
  const was = { isTTY: stderr.isTTY, columns: stderr.columns }
  Object.assign(stderr, { isTTY: true, columns })
  onTestFinished(() => void Object.assign(stderr, was))
  const result = vi.spyOn(stdout, 'write')
  onTestFinished(() => result.mockRestore())
  vi.stubEnv('TERM', 'xterm')
  onTestFinished(() => void vi.unstubAllEnvs())
  const write = vi.spyOn(stderr, 'write').mockImplementation((chunk) => said.push(String(chunk)) > 0)
  onTestFinished(() => write.mockRestore())
  const calls = {
    ...tinyCalls,
    'tiny.count': async (_: object, io: Io) => {
      io.bytes(300_000_000, 1_200_000_000)
      await sleep(250)
      io.line('half of it')
      io.bytes(600_000_000, 1_200_000_000)
      await sleep(250)
      return {}
    },
  }
  const inner = { ...make(2), id: 'count', title: 'Count', actions: [tinyCall('tiny.count')], undo: [] }
  const plan = tinyPlan([{ ...make(1), steps: [inner, { ...make(3), title: 'Then' }] }, five[3]!])
  await executePlan({ root, plan, answers: {}, calls, by: 'ana', face: headlessFace() })
  write.mockRestore()
  expect(result).not.toHaveBeenCalled()
  return stripVTControlCharacters(said.join(''))
}

test('on a terminal steps stand beneath their step, and how far one is stands beside it until it is done', async () => {
  const shown = await onTerminal(80)
  expect(shown).toMatch(/\n {2}\S Count {2}25 %, 300 MB of 1\.2 GB\n/)
  expect(shown).toContain('\n  ○ Then\n○ Make 4\n')
  expect(shown).toMatch(/ {2}\S Count {2}50 %, 600 MB of 1\.2 GB\n/)
  expect(shown).toContain('\n      half of it\n')
  expect(shown.slice(shown.lastIndexOf('Make 1') - 2)).toBe('✓ Make 1\n  ✓ Count\n  ✓ Then\n✓ Make 4\n')
})

test('on a narrow terminal it is said in fewer words', async () => {
  const shown = await onTerminal(22)
  expect(shown).toMatch(/ {2}\S Count {2}50 %\n/)
  expect(shown).not.toContain('MB')
})
