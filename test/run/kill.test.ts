import { spawnSync } from 'node:child_process'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { inspectRun } from '../../src/run/inspect.ts'
import { readJournal } from '../../src/run/journal.ts'
import { abandonRun, resumeRun, undoRun } from '../../src/run/resume.ts'
import { listRuns } from '../../src/run/summary.ts'
import { run, tinyCalls, tinyRoot } from '../helpers/tiny-run.ts'

const script = join(import.meta.dirname, '../fixtures/tiny-run.ts')
let root = ''
beforeEach(async () => {
  root = await tinyRoot()
})
afterEach(async () => rm(root, { recursive: true, force: true }))

function killedAt(at: string, ...more: string[]) {
  const ended = spawnSync(process.execPath, [script, root, ...more], {
    env: { ...process.env, KILL_AT: at },
    encoding: 'utf8',
  })
  expect(ended.stderr + String(ended.signal)).toBe('SIGKILL')
}
const made = async () => (await readdir(join(root, 'made'))).toSorted()
const settle = () => ({ root, run, calls: tinyCalls, by: 'ben' })

const places = ['1:before', '1:middle', '2:after', '3:before', '3:middle', '4:after', '5:middle', '5:after']

test.each(places)('killed at %s, resumed to the end', async (at) => {
  killedAt(at)
  expect((await listRuns(root))[0]).toMatchObject({ id: run, state: 'interrupted', exit: null })
  expect((await inspectRun(root, run, tinyCalls)).resume.can).toBe(true)
  expect(await resumeRun(settle())).toMatchObject({ exit: 0, outcome: 'done', owed: [] })
  expect(await made()).toEqual(['1', '2', '3', '4', '5'])
  for (const n of await made()) expect(await readFile(join(root, 'made', n), 'utf8')).toBe(`whole ${run}`)
  expect(await readFile(join(root, 'always'), 'utf8')).toBe('done')
  expect((await listRuns(root))[0]).toMatchObject({ state: 'ended', exit: 0, outcome: 'done' })
  await expect(resumeRun(settle())).rejects.toThrow(/has ended/)
})

test.each(places)('killed at %s, put back', async (at) => {
  killedAt(at)
  expect(await undoRun(settle())).toMatchObject({ outcome: 'undone', byHand: [] })
  expect(await made()).toEqual([])
  expect(await readFile(join(root, 'always'), 'utf8')).toBe('undone')
})

test('killed while putting back, the putting back goes on', async () => {
  killedAt('undo:3', 'fails')
  expect(await made()).toEqual(['1', '2', '3'])
  expect(await resumeRun(settle())).toMatchObject({ outcome: 'undone' })
  expect(await made()).toEqual([])
  expect(await readFile(join(root, 'undone'), 'utf8')).toBe('54321')
})

test('abandoned, everything stays and the last steps run', async () => {
  killedAt('3:middle')
  expect(await abandonRun(settle())).toMatchObject({ outcome: 'abandoned' })
  expect(await made()).toEqual(['1', '2', '3'])
  expect(await readFile(join(root, 'always'), 'utf8')).toBe('abandoned')
})

test('what somebody else changed holds the run and nothing is put back', async () => {
  killedAt('3:after')
  const { writeFile } = await import('node:fs/promises')
  await writeFile(join(root, 'made', '2'), 'theirs')
  await expect(resumeRun(settle())).rejects.toMatchObject({ exit: 3 })
  await expect(undoRun(settle())).rejects.toMatchObject({ exit: 3 })
  expect(await made()).toEqual(['1', '2', '3'])
  expect((await inspectRun(root, run, tinyCalls)).resume.can).toBe(false)
})

test('a torn last line is left out and healed', async () => {
  killedAt('3:after')
  const { appendFile } = await import('node:fs/promises')
  await appendFile(join(root, '.knowngood/runs', run, 'journal.jsonl'), '{"v":1,"k":"outc')
  expect(await resumeRun(settle())).toMatchObject({ exit: 0 })
  expect((await readJournal(root, run)).at(-1)?.k).toBe('end')
})
