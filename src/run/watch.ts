import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { RunView, Store } from '../core/deck.ts'
import { statePaths } from '../core/paths.ts'
import type { RunEvent } from '../core/run-event.ts'
import { readBegin } from './summary.ts'

const EVERY_MS = 100
const CHUNK = 1_000_000
/** Output lines a face can scroll through; older ones are in the run's own file. */
const MOST_LINES = 2000

/**
 * Follows a run by its files, whoever executes it: states complete, the newest lines, at most ten changes a second.
 * Looks only while somebody listens, and not after the end.
 */
export function watchRun(root: string, run: string): Store<RunView | null> {
  const listeners = new Set<() => void>()
  let view: RunView | null = null
  let at = 0
  let torn = ''
  let timer: NodeJS.Timeout | null = null
  let looking = false
  const look = async () => {
    if (looking) return
    looking = true
    try {
      if (view === null) {
        const begin = await readBegin(root, run)
        if (begin === null) return
        view = { run, plan: begin.plan, startedAt: begin.at, events: [], states: {}, bytes: {}, end: null }
        for (const listener of listeners) listener()
      }
      const { text, next } = readFrom(statePaths(root).events(run), at)
      if (next === at) return
      at = next
      const lines = (torn + text).split('\n')
      torn = lines.pop() ?? ''
      view = withEvents(view, withoutOld(lines).flatMap(parse))
      for (const listener of listeners) listener()
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

/** What was added since `at`; at most a megabyte, cut at a line so that no character is halved. */
function readFrom(path: string, at: number): { text: string; next: number } {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    return { text: '', next: at }
  }
  try {
    const size = fstatSync(file).size
    // A flood of output: skip to its end, keeping what a face could show.
    const start = size - at > 4 * CHUNK ? size - CHUNK : at
    const buffer = Buffer.alloc(Math.min(CHUNK, Math.max(0, size - start)))
    const read = readSync(file, buffer, 0, buffer.length, start)
    const end = buffer.lastIndexOf(10, read - 1) + 1
    return end === 0 ? { text: '', next: at } : { text: buffer.toString('utf8', 0, end), next: start + end }
  } finally {
    closeSync(file)
  }
}

/** A flood is not parsed for what no face will show: of the lines of output only the newest. */
function withoutOld(lines: readonly string[]): readonly string[] {
  const isOutput = (line: string) => line.includes('"t":"line"')
  let old = lines.filter(isOutput).length - MOST_LINES
  return old <= 0 ? lines : lines.filter((line) => !isOutput(line) || (old -= 1) < 0)
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
      const { done, total, basis, at } = event
      const before = bytes[event.step]
      bytes[event.step] = {
        done,
        total,
        basis,
        since: before?.since !== undefined && done >= before.done ? before.since : at,
      }
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
