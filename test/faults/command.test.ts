import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { command } from '../../src/sources/command.ts'
import { sourceAtWork } from '../helpers/source-round-trip.ts'
import { temporaryFolder } from '../helpers/temp.ts'

const RUN = 'deploy-20261121_120000Z-a1b2'

function project(capture: string[], more: Record<string, unknown> = {}) {
  const root = temporaryFolder()
  writeFileSync(join(root, 'state.txt'), 'one')
  const at = sourceAtWork({ source: command as never, options: { capture, ...more }, root })
  const step = at.captureStep()
  if (step === null) throw new Error('no step')
  const stored = () => readdirSync(at.stage, { recursive: true })
  return { root, at, step, stored, live: () => readFileSync(join(root, 'state.txt'), 'utf8') }
}

const node = (script: string, ...words: string[]) => [process.execPath, '-e', script, ...words]

test.each([
  [
    'writes, then ends with 1',
    node("require('fs').writeFileSync(process.argv[1], 'x'); process.exit(1)", '{out}'),
    'code 1',
  ],
  ['ends well and writes nothing', node('', '{out}'), 'wrote nothing'],
  ['ends well and leaves an empty file', node("require('fs').writeFileSync(process.argv[1], '')", '{out}'), 'is empty'],
  [
    'leaves its file under another name',
    node("require('fs').writeFileSync(process.argv[1] + '.tmp', 'x')", '{out}'),
    'wrote nothing',
  ],
  ['leaves a link', node("require('fs').symlinkSync('/etc/hostname', process.argv[1])", '{out}'), 'not a plain file'],
  [
    'is killed',
    node("require('fs').writeFileSync(process.argv[1], 'x'); process.kill(process.pid, 'SIGKILL')", '{out}'),
    'SIGKILL',
  ],
  ['is not there', ['./no-such-dump', '{out}'], 'not found'],
])('fault 12: a capture that %s fails, and nothing of it is kept', async (_, words, why) => {
  const { at, step, stored } = project(words)
  await expect(at.run(step)).rejects.toThrow(why)
  await at.undo(step)
  expect(stored().filter((path) => path !== 'data')).toEqual([])
})

test.each([
  ['stands still', "require('fs').writeFileSync(process.argv[1], 'x'); setInterval(() => {}, 1000)"],
  ['is stopped', "process.kill(process.pid, 'SIGSTOP')"],
  [
    'leaves a grandchild that keeps its output open',
    "require('fs').writeFileSync(process.argv[1], 'x'); require('child_process').spawn('sleep', ['20'], { stdio: 'inherit', detached: true }).unref(); process.exit(0)",
  ],
])('fault 13: a capture that %s is ended when it was idle too long', async (_, script) => {
  const { at, step } = project(node(script, '{out}'), { idle: 1 })
  await expect(at.run(step)).rejects.toThrow('stood still for 1 s')
})

test('fault 13: one that says nothing while its file grows is left at work', async () => {
  const script =
    "let n = 0; const t = setInterval(() => { require('fs').appendFileSync(process.argv[1], 'x'); if (++n === 8) clearInterval(t) }, 200)"
  const { at } = project(node(script, '{out}'), { idle: 1 })
  const { parts } = await at.capture()
  expect(parts).toMatchObject([{ bytes: 8 }])
})

const capture = ['cp', 'state.txt', '{out}']

async function restoring(restore: string[]) {
  const made = project(capture, { restore })
  const { parts } = await made.at.capture()
  writeFileSync(join(made.root, 'state.txt'), 'two')
  const steps = made.at.restoreSteps(parts)
  if (steps?.swap == null) throw new Error('no swap')
  return { ...made, parts, beside: steps.beside, swap: steps.swap }
}

test('fault 45: killed within the restore command, what was captured first is put back, and it is done again', async () => {
  const half =
    "const fs = require('fs'); if (!fs.existsSync('once')) { fs.writeFileSync('once', ''); fs.writeFileSync('state.txt', 'half'); process.exit(9) } fs.copyFileSync(process.argv[1], 'state.txt')"
  const { at, beside, swap, live } = await restoring(node(half, '{in}'))
  await at.run(beside)
  await at.look(swap)
  await expect(at.act(swap)).rejects.toThrow('code 9')
  expect(await at.probe(swap)).toMatchObject({ state: 'partial' })
  await at.undo(swap)
  expect(live()).toBe('two')
  expect(await at.probe(swap)).toMatchObject({ state: 'absent' })
  await at.act(swap)
  expect(live()).toBe('one')
  expect(await at.probe(swap)).toMatchObject({ state: 'done' })
})

test('fault 49: when nothing could be captured first, the restore never starts', async () => {
  const { root, at, beside, swap, live } = await restoring(['cp', '{in}', 'state.txt'])
  await at.run(beside)
  writeFileSync(join(root, 'state.txt'), '')
  await expect(at.look(swap)).rejects.toThrow('is empty')
  expect(live()).toBe('')
})

test('fault 54: a link planted where the copy goes is not followed', async () => {
  const { root, at, beside } = await restoring(['cp', '{in}', 'state.txt'])
  const victim = join(root, 'victim')
  writeFileSync(victim, 'mine')
  mkdirSync(join(root, '.knowngood/undo', RUN), { recursive: true })
  symlinkSync(victim, join(root, '.knowngood/undo', RUN, 'restore-data.dump'))
  await at.look(beside)
  await expect(at.act(beside)).rejects.toThrow('taken already')
  expect(readFileSync(victim, 'utf8')).toBe('mine')
  expect(existsSync(victim)).toBe(true)
})
