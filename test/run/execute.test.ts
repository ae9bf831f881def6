import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RunEvent } from '../../src/core/run-event.ts'
import { executePlan } from '../../src/run/execute.ts'
import { inspectRun } from '../../src/run/inspect.ts'
import { takeLocalLock } from '../../src/run/local-lock.ts'
import { requestStop } from '../../src/run/stop.ts'
import { readAudit } from '../../src/records/audit-log.ts'
import { host, ownMark } from '../../src/world/identity.ts'
import { processesOf } from '../../src/world/orphans.ts'
import { five, make, run, tinyCall, tinyCalls, tinyPlan, tinyRoot } from '../helpers/tiny-run.ts'

let root = ''
let events: RunEvent[] = []
beforeEach(async () => {
  root = await tinyRoot()
  events = []
})
afterEach(async () => {
  delete process.env['UNDO_FAILS']
  await rm(root, { recursive: true, force: true })
})
const go = (plan = tinyPlan(five), calls = tinyCalls) =>
  executePlan({ root, plan, answers: {}, calls, by: 'ana', sink: (event) => void events.push(event) })
const made = async () => (await readdir(join(root, 'made'))).toSorted()
const breaks = (rest = {}) =>
  make(9, { id: 'break', title: 'Break', actions: [tinyCall('tiny.fail')], undo: [], ...rest })

test('does every step and writes how it ended', async () => {
  expect(await go()).toMatchObject({ exit: 0, outcome: 'done', gives: { 'make.5': { path: join(root, 'made/5') } } })
  expect(events.at(-1)).toMatchObject({ t: 'end', exit: 0, outcome: 'done' })
  expect((await readAudit(root)).length).toBe(2)
})

test('puts back last first when a step fails, and masks what it said', async () => {
  const result = await go(tinyPlan([...five, breaks()]))
  expect(result).toMatchObject({ exit: 4, outcome: 'undone' })
  expect(await made()).toEqual([])
  expect(await readFile(join(root, 'undone'), 'utf8')).toBe('54321')
  expect(await readFile(join(root, '.knowngood/runs', run, 'events.jsonl'), 'utf8')).not.toContain('hunter22')
})

test('what comes last sees null for what a step that failed never gave', async () => {
  let seen: unknown = null
  const look = tinyCall('tiny.look', {
    url: { $: 'break.url' },
    path: { $: 'make.1.path' },
    outcome: { $: 'run.outcome' },
  })
  const last = { ...make(0), id: 'last', title: 'Write it down', actions: [look], gives: [], undo: [] }
  const calls = {
    ...tinyCalls,
    'tiny.look': async (input: object) => {
      seen = input
      return {}
    },
  }
  const result = await go(tinyPlan([five[0]!, breaks()], { always: [last] }), calls)
  expect(result).toMatchObject({ exit: 4, owed: [] })
  expect(seen).toEqual({ url: null, path: join(root, 'made/1'), outcome: 'undone' })
})

test('stops putting back at its first failure and says the rest by hand', async () => {
  process.env['UNDO_FAILS'] = '2'
  const result = await go(tinyPlan([...five, breaks()]))
  expect(result).toMatchObject({ exit: 5, outcome: 'stuck', byHand: ['rm made/2', 'rm made/1'] })
  expect(await made()).toEqual(['1', '2'])
})

test('halt keeps what is there with its own exit code; owe goes on', async () => {
  expect(await go(tinyPlan([five[0]!, breaks({ onFail: 'halt', haltExit: 7 }), five[1]!]))).toMatchObject({
    exit: 7,
    outcome: 'halted',
  })
  expect(await made()).toEqual(['1'])
  const over = { can: false, why: 'it has ended' }
  expect(await inspectRun(root, run, tinyCalls)).toMatchObject({ resume: over, undo: over })
  await rm(join(root, '.knowngood/runs'), { recursive: true })
  const owing = tinyPlan([breaks({ onFail: 'owe' }), five[1]!], { names: { run: 'deploy-20251121_120712Z-a1b2' } })
  const result = await go(owing)
  expect(result).toMatchObject({ exit: 0, outcome: 'done' })
  expect(result.owed).toHaveLength(1)
})

test('a release that breaks after its migration is put back, and says what only a restore undoes: 5', async () => {
  const { undo: _undo, ...migrates } = make(2, {
    title: 'Migrate',
    detail: 'npx migrate',
    effect: 'destroys',
    onFail: 'halt',
  })
  const result = await go(tinyPlan([five[0]!, migrates, five[2]!, breaks()], { certifiedBy: 'make.9' }))
  expect(result).toMatchObject({ exit: 5, outcome: 'stuck' })
  expect(result.error).toContain('what Migrate (npx migrate) changed only a restore undoes')
  expect(await made()).toEqual(['2'])
})

test('nothing is undone after the point of no return', async () => {
  const result = await go(tinyPlan([...five, breaks()], { certifiedBy: 'make.3' }))
  expect(result.exit).toBe(0)
  expect(result.owed).toHaveLength(1)
  expect(await made()).toHaveLength(5)
})

test('a request to stop is answered before the next step and all is put back', async () => {
  const asks = make(3, { actions: [tinyCall('tiny.ask')] })
  const calls = {
    ...tinyCalls,
    'tiny.ask': async () => (await requestStop(root, run), await new Promise((done) => setTimeout(done, 500)), {}),
  }
  expect(await go(tinyPlan([five[0]!, five[1]!, asks, five[3]!]), calls)).toMatchObject({
    exit: 130,
    outcome: 'stopped',
  })
  expect(await made()).toEqual([])
})

test('children that run on are ended before anything is put back', async () => {
  const exec = {
    do: 'exec' as const,
    argv: ['sh', '-c', 'setsid sleep 60 >/dev/null 2>&1 & sleep 0.2; exit 3'],
    idleMs: 0,
    timeoutMs: 0,
    okCodes: [0],
  }
  expect(await go(tinyPlan([five[0]!, breaks({ actions: [exec] })]))).toMatchObject({ exit: 4 })
  expect(processesOf(run)).toEqual([])
})

test('without an audit line nothing is done', async () => {
  await mkdir(join(root, '.verification_audit.log'))
  await expect(go()).rejects.toMatchObject({ exit: 3 })
  expect(await made()).toEqual([])
})

test('hostile and endless lines are inert and bounded', async () => {
  const exec = {
    do: 'exec' as const,
    argv: ['sh', '-c', String.raw`printf '\033]52;c;aGk=\007hi\n'; seq 1 200000`],
    idleMs: 0,
    timeoutMs: 0,
    okCodes: [0],
  }
  await go(tinyPlan([breaks({ actions: [exec] })]))
  const text = await readFile(join(root, '.knowngood/runs', run, 'events.jsonl'), 'utf8')
  expect(text).not.toContain(String.fromCharCode(27))
  expect(text.length).toBeLessThan(5_100_000)
  expect(text).toContain('The log is full')
}, 30_000)

const holder = () => ({
  op: 'deploy',
  run,
  operator: 'ana',
  host: host(),
  ...ownMark(),
  reason: 'x',
  at: '',
  heartbeat: '',
  oid: null,
})

test('of twenty that start at once one wins, the others exit 6', async () => {
  const all = await Promise.allSettled(Array.from({ length: 20 }, () => takeLocalLock(root, holder())))
  expect(all.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
  const lost = all.flatMap((one) => (one.status === 'rejected' ? [(one.reason as { exit: number }).exit] : []))
  expect(lost).toEqual(Array.from({ length: 19 }, () => 6))
})

test.each([
  ['empty', ''],
  ['of a process that is gone', JSON.stringify({ ...holder(), pid: 2 ** 22 - 1 })],
  ['of a number given to another process', JSON.stringify({ ...holder(), started: '1' })],
])('fault 35: a lock that is %s is taken over and told, a live one never', async (_, text) => {
  await mkdir(join(root, '.knowngood'), { recursive: true })
  await writeFile(join(root, '.knowngood/lock'), text)
  const lock = await takeLocalLock(root, holder())
  expect(lock.tookOver).not.toBeNull()
  await expect(takeLocalLock(root, holder(), 50)).rejects.toMatchObject({ exit: 6 })
  await lock.release()
  await (await takeLocalLock(root, holder())).release()
})
