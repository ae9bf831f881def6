import { spawn } from 'node:child_process'
import { open } from '../helpers/pty.ts'

export type Sample = () => Promise<Record<string, number>>

/** How long a program takes from its start to its end, in ms. */
export async function timeToEnd(argv: string[], cwd: string): Promise<number> {
  const began = performance.now()
  const child = spawn(argv[0] ?? '', argv.slice(1), { cwd, stdio: 'ignore' })
  const code = await new Promise<number | null>((resolve, reject) => child.on('close', resolve).on('error', reject))
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}`)
  return performance.now() - began
}

/** Runs every sample once a round, in a rotating order so that none is always first, and gives each figure's median. */
export async function interleaved(samples: Sample[], rounds: number): Promise<Record<string, number>> {
  const all: Record<string, number[]> = {}
  for (let round = -1; round < rounds; round += 1)
    for (let index = 0; index < samples.length; index += 1) {
      const figures = (await samples[(index + Math.max(round, 0)) % samples.length]?.()) ?? {}
      // The first round fills disk and compile caches and does not count.
      if (round >= 0) for (const [name, value] of Object.entries(figures)) (all[name] ??= []).push(value)
    }
  return Object.fromEntries(Object.entries(all).map(([name, values]) => [name, median(values)]))
}

/** The middle value; the mean of the two middle ones when there is an even number. */
export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length / 2
  return ((sorted[Math.ceil(half) - 1] ?? Number.NaN) + (sorted[Math.floor(half)] ?? Number.NaN)) / 2
}

type Shown = { first: number; complete: number }

/**
 * Starts a screen in a terminal: ms to its first text, and to when it shows `complete` and no longer `pending`.
 * `after` is called with the screen up; it is left by `leave`.
 */
export async function timeToScreen(
  argv: string[],
  how: { cwd: string; first: RegExp; complete: RegExp; pending: RegExp; leave: string },
): Promise<Shown> {
  const began = performance.now()
  const screen = open({ argv, cwd: how.cwd })
  const reached = { first: 0, complete: 0 }
  await screen.waitFor(how.first)
  reached.first = performance.now() - began
  await screen.waitFor(how.complete, 30_000)
  await screen.waitGone(how.pending, 30_000)
  reached.complete = performance.now() - began
  screen.send(how.leave)
  await screen.waitExit()
  return reached
}
