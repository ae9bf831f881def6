import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { RunView, Store } from '../core/deck.ts'
import { statePaths } from '../core/paths.ts'
import { countedOn } from '../core/progress.ts'
import type { RunEvent } from '../core/run-event.ts'
import { readBegin, summarise } from './summary.ts'

const EVERY_MS = 100
/** After so many looks that found nothing new, whether its process is still there: one that was killed writes no end. */
const SILENT_LOOKS = 10
const CHUNK = 1_000_000
/** Output lines a face can scroll through; older ones are in the run's own file. */
const MOST_LINES = 2000
const LINE_END = 10
/** How a line of output names itself, and how every other event does. */
const OUTPUT = Buffer.from('"t":"line"')
const OTHERS = (['state', 'bytes', 'end'] satisfies RunEvent['t'][]).map((kind) => Buffer.from(`"t":"${kind}"`))

/**
 * Follows a run by its files, whoever executes it: states complete, the newest lines, at most ten changes a second.
 * Looks only while somebody listens, and not after the end.
 */
export function watchRun(root: string, run: string): Store<RunView | null> {
  const listeners = new Set<() => void>()
  let view: RunView | null = null
  let at = 0
  let timer: NodeJS.Timeout | null = null
  let looking = false
  let silent = 0
  const tell = () => {
    for (const listener of listeners) listener()
  }
  const look = async () => {
    if (looking) return
    looking = true
    try {
      if (view === null) {
        const begin = await readBegin(root, run)
        if (begin === null) return
        view = { run, plan: begin.plan, startedAt: begin.at, events: [], states: {}, bytes: {}, end: null, died: false }
        tell()
      }
      const { lines, next } = readFrom(statePaths(root).events(run), at)
      if (next > at) {
        at = next
        silent = 0
        view = { ...withEvents(view, lines.flatMap(parse)), died: false }
        tell()
      } else if (view.end === null && !view.died && (silent += 1) % SILENT_LOOKS === 0) {
        const now = await summarise(root, run).catch(() => null)
        if (now?.state !== 'interrupted') return
        view = { ...view, died: true }
        tell()
      }
    } finally {
      looking = false
    }
  }
  return {
    get: () => view,
    subscribe(listener) {
      listeners.add(listener)
      // Watching alone keeps no process alive: a dashboard that is left must end.
      timer ??= setInterval(() => void look(), EVERY_MS).unref()
      void look()
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0 || timer === null) return
        clearInterval(timer)
        timer = null
      }
    },
  }
}

/** The whole lines that were added since `at`, some megabytes at most, without the output that no face will show. */
function readFrom(path: string, at: number): { lines: string[]; next: number } {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    return { lines: [], next: at }
  }
  try {
    const added = Buffer.allocUnsafe(Math.min(CHUNK, Math.max(0, fstatSync(file).size - at)))
    const read = readSync(file, added, 0, added.length, at)
    // A line that is still being written comes another time.
    const whole = added.subarray(0, added.lastIndexOf(LINE_END, read - 1) + 1)
    return { lines: newest(whole), next: at + whole.length }
  } finally {
    closeSync(file)
  }
}

/** Of a flood the newest lines alone are read; before them, only what is no output. */
function newest(whole: Buffer): string[] {
  const from = startOfLast(whole, MOST_LINES)
  return [...othersIn(whole.subarray(0, from)), ...whole.toString('utf8', from).split('\n')]
}

/** Where the newest lines of output begin. */
function startOfLast(whole: Buffer, count: number): number {
  let start = whole.length
  for (let left = count; left > 0 && start > 0;) {
    const end = start
    start = end < 2 ? 0 : whole.lastIndexOf(LINE_END, end - 2) + 1
    if (whole.subarray(start, end).includes(OUTPUT)) left -= 1
  }
  return start
}

/** Lines that tell something else, found by their first words: within a text, quotes are escaped. */
function othersIn(old: Buffer): string[] {
  const starts = OTHERS.flatMap((sign) => {
    const found: number[] = []
    for (let at = old.indexOf(sign); at >= 0; at = old.indexOf(sign, at + sign.length))
      found.push(at === 0 ? 0 : old.lastIndexOf(LINE_END, at) + 1)
    return found
  })
  return starts.toSorted((a, b) => a - b).map((start) => old.toString('utf8', start, old.indexOf(LINE_END, start)))
}

function parse(line: string): RunEvent[] {
  try {
    return line === '' ? [] : [JSON.parse(line) as RunEvent]
  } catch {
    return []
  }
}

function withEvents(view: RunView, added: readonly RunEvent[]): RunView {
  const states = { ...view.states }
  const bytes = { ...view.bytes }
  let end = view.end
  for (const event of added) {
    if (event.t === 'state') {
      const before = states[event.step]
      const startedAt = event.state === 'running' ? event.at : (before?.startedAt ?? null)
      states[event.step] = {
        state: event.state,
        ms: event.ms ?? before?.ms ?? null,
        startedAt,
        error: event.error ?? null,
      }
      if (event.state === 'running') end = null
    } else if (event.t === 'bytes') {
      bytes[event.step] = countedOn(bytes[event.step], event, event.at)
    } else if (event.t === 'end') end = event
  }
  const lines = added.filter((event) => event.t === 'line')
  return {
    ...view,
    states,
    bytes,
    end,
    events: lines.length === 0 ? view.events : [...view.events, ...lines].slice(-MOST_LINES),
  }
}
