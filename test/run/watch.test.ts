import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { beforeEach, expect, test, vi } from 'vitest'
import type { RunView } from '../../src/core/deck.ts'
import { statePaths } from '../../src/core/paths.ts'
import { watchRun } from '../../src/run/watch.ts'
import { temporaryFolder } from '../helpers/temp.ts'

const run = 'deploy-20251121_120711Z-a1b2'
const at = '2025-11-21T12:07:11.000Z'
const plan = { op: 'deploy', title: 'Deploy', steps: [], always: [], audit: { subject: 'prod-2025-11-21' } }
let root = ''
let seq = 0

beforeEach(() => {
  root = temporaryFolder()
  seq = 0
  const { journal, events } = { journal: statePaths(root).journal(run), events: statePaths(root).events(run) }
  mkdirSync(dirname(journal), { recursive: true })
  mkdirSync(dirname(events), { recursive: true })
  writeFileSync(
    journal,
    `${JSON.stringify({ k: 'begin', at, run, pid: 1, started: 'long ago', boot: 'another', plan })}\n`,
  )
  writeFileSync(events, '')
})

const event = (body: object) => `${JSON.stringify({ run, seq: (seq += 1), at, step: 'build', ...body })}\n`
const line = (text: string) => event({ t: 'line', from: 'out', text })
const add = (text: string) => appendFileSync(statePaths(root).events(run), text)

async function seen(holds: (view: RunView) => boolean): Promise<RunView> {
  const store = watchRun(root, run)
  const view = await new Promise<RunView>((resolve) => {
    const stop = store.subscribe(() => {
      const now = store.get()
      if (now !== null && holds(now)) {
        stop()
        resolve(now)
      }
    })
  })
  return view
}

test('of a flood the newest lines are kept, and everything that is no output', async () => {
  add(event({ t: 'state', state: 'running' }))
  for (let index = 0; index < 3_000; index += 1) add(line(`first ${index} "t":"state"`))
  add(event({ t: 'bytes', done: 7, total: 9, basis: 'counted' }))
  for (let index = 0; index < 3_000; index += 1) add(line(`then ${index} ü`))
  add(event({ t: 'state', state: 'done', ms: 12, step: 'other' }))
  const view = await seen(({ states }) => states['other'] !== undefined)
  expect(view.states['build']?.state).toBe('running')
  expect(view.bytes['build']?.done).toBe(7)
  const texts = view.events.flatMap((one) => (one.t === 'line' ? [one.text] : []))
  expect(texts.at(-1)).toBe('then 2999 ü')
  expect(texts).toEqual(Array.from({ length: texts.length }, (_, index) => `then ${3_000 - texts.length + index} ü`))
  expect(texts).toHaveLength(2_000)
})

test('a line that is still being written comes when it is whole', async () => {
  const torn = line('torn')
  add(line('whole') + torn.slice(0, 30))
  const store = watchRun(root, run)
  await new Promise<void>((resolve) => {
    const stop = store.subscribe(() => {
      const count = store.get()?.events.length ?? 0
      if (count === 1) add(torn.slice(30))
      if (count === 2) {
        stop()
        resolve()
      }
    })
  })
  expect(store.get()?.events.map((one) => (one.t === 'line' ? one.text : ''))).toEqual(['whole', 'torn'])
})

test('a run whose process is gone without an end has died, until somebody goes on with it', async () => {
  add(event({ t: 'state', state: 'running' }))
  const store = watchRun(root, run)
  const seenDied: boolean[] = []
  const stop = store.subscribe(() => seenDied.push(store.get()?.died === true))
  await vi.waitFor(() => expect(store.get()?.died).toBe(true), { timeout: 5_000 })
  add(event({ t: 'state', state: 'running', step: 'again' }))
  await vi.waitFor(() => expect(store.get()).toMatchObject({ died: false, states: { again: { state: 'running' } } }))
  stop()
  expect(seenDied).toContain(true)
})

test('a run that has ended is not looked for any more', async () => {
  add(event({ t: 'end', exit: 0, outcome: 'certified', owed: [] }))
  const store = watchRun(root, run)
  const stop = store.subscribe(() => undefined)
  await vi.waitFor(() => expect(store.get()?.end).not.toBeNull())
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect(store.get()?.died).toBe(false)
  stop()
})
