import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bootId, processStarted } from '../../src/world/identity.ts'

const program = fileURLToPath(new URL('../fixtures/open-demo.ts', import.meta.url))
const children: ChildProcess[] = []
let temp = ''

beforeEach(async () => {
  temp = await mkdtemp(join(tmpdir(), 'demo-ending-'))
})

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await rm(temp, { recursive: true, force: true, maxRetries: 10 })
})

/** A process of its own that makes a demo in `temp` and keeps it open. */
async function openDemo(): Promise<{ child: ChildProcess; dir: string; url: string }> {
  const child = spawn(process.execPath, [program], {
    env: { ...process.env, TMPDIR: temp },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  let said = ''
  for await (const chunk of child.stdout ?? []) {
    said += String(chunk)
    if (said.endsWith('\n')) break
  }
  const [dir = '', url = ''] = said.trim().split(' ')
  return { child, dir, url }
}

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s removes the folder and ends the process', async (signal) => {
  const { child, dir } = await openDemo()
  expect(existsSync(dir)).toBe(true)
  child.kill(signal)
  expect((await once(child, 'exit'))[1]).toBe(signal)
  expect(existsSync(dir)).toBe(false)
})

test('after kill -9 nothing is served, and the next start removes the folder and ends its run', async () => {
  const { child, dir, url } = await openDemo()
  const run = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  children.push(run)
  await begin(join(dir, 'mosaic', '.knowngood', 'runs', 'deploy-20251121_120711Z-a1b2'), run.pid ?? 0)
  const ended = once(run, 'exit')
  child.kill('SIGKILL')
  await once(child, 'exit')
  await expect(fetch(url)).rejects.toThrow()
  expect(existsSync(dir)).toBe(true)

  const next = await openDemo()
  expect(existsSync(dir)).toBe(false)
  expect((await ended)[1]).toBe('SIGTERM')
  expect(existsSync(next.dir)).toBe(true)
})

test('a start leaves alone what lives, what is not a demo, and a process that only has the number', async () => {
  const first = await openDemo()
  const stranger = join(temp, 'knowngood-demo-notes')
  await mkdir(stranger)
  await writeFile(join(stranger, 'notes.txt'), 'mine')
  const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  children.push(bystander)
  const dead = join(temp, 'knowngood-demo-dead')
  await begin(
    join(dead, 'mosaic', '.knowngood', 'runs', 'deploy-20251121_120711Z-a1b2'),
    bystander.pid ?? 0,
    'another start',
  )
  await writeFile(
    join(dead, 'demo.json'),
    JSON.stringify({ pid: first.child.pid, started: 'long ago', boot: bootId() }),
  )

  await openDemo()
  expect(existsSync(dead)).toBe(false)
  expect((await fetch(`${first.url}/health`)).status).toBe(200)
  expect(await readFile(join(stranger, 'notes.txt'), 'utf8')).toBe('mine')
  await sleep(50)
  expect(bystander.exitCode ?? bystander.signalCode).toBe(null)
})

async function begin(run: string, pid: number, started = processStarted(pid)): Promise<void> {
  await mkdir(run, { recursive: true })
  await writeFile(join(run, 'journal.jsonl'), `${JSON.stringify({ k: 'begin', pid, started, boot: bootId() })}\n`)
  expect(existsSync(dirname(run))).toBe(true)
}
