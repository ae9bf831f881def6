import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs'
import { statePaths } from '../core/paths.ts'
import type { RunEvent } from '../core/run-event.ts'
import { clean } from '../core/text.ts'
import { now } from '../world/clock.ts'
import { makeFolderNow } from '../world/files.ts'
import { cutLine } from '../world/lines.ts'
import { mask } from '../world/secrets.ts'

type Body<T> = T extends unknown ? Omit<T, 'run' | 'seq' | 'at'> : never
type EventBody = Body<RunEvent>
export type Events = { emit(body: EventBody): void; close(): void }

const LINES_LIMIT = 5_000_000
const BYTES_EVERY_MS = 100

/**
 * Writes the events of a run for whoever follows it. Lines are masked, inert and at most 4 KB; after 5 MB of them the
 * log says so and takes no more. Byte counts come at most ten times a second.
 */
export function openEvents(root: string, run: string, sink?: (event: RunEvent) => void): Events {
  const path = statePaths(root).events(run)
  makeFolderNow(statePaths(root).run(run))
  const before = existsSync(path) ? readFileSync(path, 'utf8') : ''
  let file: number | null = null
  let seq = before.split('\n').length - 1
  let heal = before !== '' && !before.endsWith('\n')
  let lines = before.length
  let full = lines > LINES_LIMIT
  const counted = new Map<string, number>()

  const write = (body: EventBody) => {
    seq += 1
    const event = { run, seq, at: now().toISOString(), ...body }
    const text = `${heal ? '\n' : ''}${JSON.stringify(event)}\n`
    heal = false
    try {
      file ??= openSync(path, 'a', 0o600)
      writeSync(file, text)
    } catch {
      // A full disk must not stop the putting back: the journal decides, events only show.
    }
    sink?.(event)
    return text.length
  }
  const emit = (body: EventBody) => {
    if (body.t === 'bytes') {
      const last = counted.get(body.step) ?? -BYTES_EVERY_MS
      const whole = body.total !== null && body.done >= body.total
      if (!whole && performance.now() - last < BYTES_EVERY_MS) return
      counted.set(body.step, performance.now())
      write(body)
    } else if (body.t === 'line') {
      if (full) return
      lines += write({ ...body, text: cutLine(clean(mask(body.text))) })
      full = lines > LINES_LIMIT
      if (full)
        write({
          t: 'line',
          step: body.step,
          from: 'us',
          text: 'The log is full at 5 MB; what is said from here on is not kept.',
        })
    } else if ('error' in body && body.error !== undefined) write({ ...body, error: cutLine(clean(mask(body.error))) })
    else write(body)
  }
  const close = () => {
    if (file !== null) closeSync(file)
    file = null
  }
  return { emit, close }
}
