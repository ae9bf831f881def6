import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { built } from '../helpers/built.ts'
import { open } from '../helpers/pty.ts'
import { median } from './measure.ts'

export type Storm = {
  keyMs: number
  keyWorstMs: number
  framesASecond: number
  screenMb: number
  runMb: number
  lines: number
}

/** A deploy whose build prints a million lines, watched on the dashboard while keys are pressed. */
export async function stormOfLines(root: string, lines: number): Promise<Storm> {
  const config = join(root, 'knowngood.yaml')
  const print = `for (let i = 0; i < ${lines}; i += 200) process.stdout.write(Array.from({ length: 200 }, (_, n) => 'line ' + (i + n)).join('\\n') + '\\n')`
  writeFileSync(config, `${readFileSync(config, 'utf8')}build: { run: [[node, -e, ${JSON.stringify(print)}]] }\n`)
  execFileSync('git', ['commit', '-q', '-am', 'Print a million lines'], { cwd: root })
  const knowngood = (...args: string[]) =>
    execFileSync(process.execPath, [...built().slice(1), ...args], { cwd: root, stdio: 'pipe' })
  knowngood('kickoff')
  knowngood('backup', 'quick')
  knowngood('gate')

  const screen = open({ argv: built(), cwd: root, columns: 120, rows: 40 })
  await screen.waitFor('Do next')
  await screen.waitGone('checking…')
  screen.send('d')
  await screen.waitFor(/Y\b/)
  await sleep(500)
  screen.send('Y')
  await screen.waitFor(/line \d+/, 60_000)
  const began = performance.now()
  const answers: number[] = []
  const quiet = { frames: 0, ms: 0 }
  let screenMb = 0
  let runMb = 0
  while (
    !screen
      .screen()
      .join('\n')
      .includes(`line ${lines - 1}`) &&
    performance.now() - began < 60_000
  ) {
    answers.push(await answerTo(screen, '?', /search|keys of/i), await answerTo(screen, '\u001B', null))
    screenMb = Math.max(screenMb, residentMb(screen.pid))
    runMb = Math.max(runMb, 0, ...runsOf(root).map(residentMb))
    if (!/running|line \d+/.test(screen.screen().join('\n'))) break
    // Frames are counted while no key asks for one.
    const [since, at] = [screen.raw().length, performance.now()]
    await sleep(400)
    quiet.frames += frames(screen.raw().slice(since))
    quiet.ms += performance.now() - at
  }
  screen.kill('SIGTERM')
  await screen.waitExit()
  return {
    keyMs: median(answers),
    keyWorstMs: Math.max(...answers),
    framesASecond: (quiet.frames * 1000) / quiet.ms,
    screenMb,
    runMb,
    lines,
  }
}

/** Ms until a key changed what is shown: until a pattern is there, or, with none, until the overlay is gone. */
async function answerTo(screen: ReturnType<typeof open>, key: string, shows: RegExp | null): Promise<number> {
  const began = performance.now()
  screen.send(key)
  if (shows) await screen.waitFor(shows, 5_000)
  else await screen.waitGone(/search|keys of/i, 5_000)
  return performance.now() - began
}

function frames(raw: string): number {
  return raw.split('\u001B[?2026h').length - 1
}

function residentMb(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

function runsOf(root: string): number[] {
  const text = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' })
  const runs = text
    .split('\n')
    .filter((line) => line.includes('__run'))
    .map((line) => Number.parseInt(line, 10))
  return runs.filter((pid) => linkOf(`/proc/${pid}/cwd`) === root)
}

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path)
  } catch {
    return null
  }
}
