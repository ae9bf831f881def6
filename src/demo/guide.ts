import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import { execa } from 'execa'
import { duration } from '../core/age.ts'
import { clean } from '../core/text.ts'
import type { Demo } from './demo.ts'

/** One thing the tour did: a command of the program with how it ended, or a look of the tour's own at the world. */
type TourStep = {
  did: 'command' | 'look'
  what: string
  ok: boolean
  exit: number | null
  expected: number | null
  ms: number
}

/** The world is not as the tour says it must be by now. */
export class TourDeviation extends Error {}

/** Leads through the demo: says, runs the program and looks for itself. The first thing that deviates ends the tour. */
export type Guide = {
  readonly steps: readonly TourStep[]
  chapter(title: string): void
  say(text: string): void
  /** Runs a verb of this very program in the clone, shows what it says, and holds it to the exit code. */
  run(args: readonly string[], expected: number): Promise<void>
  /** Looks at the world itself, without the program. */
  look(what: string, holds: () => Promise<boolean>): Promise<void>
}

/** A verb that takes longer than this hangs. */
const PATIENCE_MS = 180_000

/** `print` takes one line at a time, without its end. */
export function makeGuide(demo: Demo, print: (line: string) => void, signal: AbortSignal): Guide {
  const steps: TourStep[] = []
  const settle = (step: TourStep, failed: string): void => {
    steps.push(step)
    print(`  ${step.ok ? '✓' : '✗'} ${step.what}${ending(step)}`)
    if (!step.ok) throw new TourDeviation(failed)
  }
  return {
    steps,
    chapter: (title) => ['', title].forEach(print),
    say: (text) => print(`  ${text}`),
    async run(args, expected) {
      const what = ['knowngood', ...args.map(quoted)].join(' ')
      print('')
      print(`  $ ${what}`)
      const began = performance.now()
      const exit = await runProgram(demo, args, (line) => print(`    ${line}`), signal)
      const ms = Math.round(performance.now() - began)
      const flags = args.findIndex((arg) => arg.startsWith('-'))
      const name = ['knowngood', ...(flags < 0 ? args : args.slice(0, flags))].join(' ')
      const step: TourStep = { did: 'command', what: name, ok: exit === expected, exit, expected, ms }
      settle(step, `\`${what}\` ended with ${exit ?? 'a signal'}, not ${expected}`)
    },
    async look(what, holds) {
      const began = performance.now()
      const ok = await holds()
      settle(
        { did: 'look', what, ok, exit: null, expected: null, ms: Math.round(performance.now() - began) },
        `not so: ${what}`,
      )
    },
  }
}

/** The program that runs this tour, started again with other words; its exit code, null when it was ended. */
async function runProgram(
  demo: Demo,
  args: readonly string[],
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<number | null> {
  const program = process.argv[1]
  if (program === undefined) throw new TourDeviation('the tour cannot find its own program')
  const { FORCE_COLOR: _, ...env } = demo.env
  const child = execa(process.execPath, [...process.execArgv, program, ...args], {
    cwd: demo.root,
    env: { ...env, NO_COLOR: '1' },
    extendEnv: false,
    stdin: 'ignore',
    buffer: false,
    all: true,
    reject: false,
    cancelSignal: signal,
    killDescendants: true,
    timeout: PATIENCE_MS,
  })
  const said = createInterface({ input: child.all ?? new PassThrough().end() })
  said.on('line', (line) => {
    if (line.trim() !== '') onLine(clean(line).trimEnd())
  })
  const result = await child
  return result.exitCode ?? null
}

/** How a command ended, with a word where another code than 0 is what should happen. */
function ending(step: TourStep): string {
  if (step.did === 'look') return ''
  const wanted = step.ok && step.exit !== 0 ? ', as it should here' : ''
  return `: exit ${step.exit ?? 'by a signal'}${wanted}, ${duration(step.ms)}`
}

/** A word as a person would type it in a shell. */
function quoted(word: string): string {
  return /^[\w./:=@%+-]+$/.test(word) ? word : `"${word.replaceAll(/["\\$`]/g, '\\$&')}"`
}
