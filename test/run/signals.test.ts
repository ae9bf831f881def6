import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { watchRun } from '../../src/run/watch.ts'
import { executePlan } from '../../src/run/execute.ts'
import { processesOf } from '../../src/world/orphans.ts'
import { five, make, run, tinyCalls, tinyPlan, tinyRoot } from '../helpers/tiny-run.ts'

const script = join(import.meta.dirname, '../fixtures/tiny-run.ts')

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('fault 5: %s ends the child of a step, puts everything back and exits %i', async (signal, code) => {
  const root = await tinyRoot()
  const child = spawn(process.execPath, [script, root, 'sleeps'], { stdio: 'ignore' })
  await vi.waitFor(() => expect(processesOf(run).length).toBeGreaterThan(0), { timeout: 10_000 })
  child.kill(signal)
  expect(await once(child, 'exit')).toEqual([code, null])
  expect(processesOf(run)).toEqual([])
  expect(await readdir(join(root, 'made'))).toEqual([])
  await rm(root, { recursive: true })
})

test('a watcher sees every state, the newest lines and the end', async () => {
  const root = await tinyRoot()
  const exec = { do: 'exec' as const, argv: ['seq', '5000'], idleMs: 0, timeoutMs: 0, okCodes: [0] }
  const store = watchRun(root, run)
  let changes = 0
  const leave = store.subscribe(() => (changes += 1))
  await executePlan({
    root,
    plan: tinyPlan([...five, make(6, { id: 'talk', actions: [exec], undo: [] })]),
    answers: {},
    calls: tinyCalls,
    by: 'ana',
  })
  await vi.waitFor(() => expect(store.get()?.end?.exit).toBe(0), { timeout: 5000 })
  leave()
  const view = store.get()
  expect(view?.states['make.5']?.state).toBe('done')
  expect(view?.events).toHaveLength(2000)
  expect(view?.events.at(-1)).toMatchObject({ t: 'line', text: '5000' })
  expect(changes).toBeLessThan(40)
  await rm(root, { recursive: true })
})
