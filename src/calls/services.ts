import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StepFailed, messageOf } from '../core/failure.ts'
import type { CallRegistry, Io } from '../core/plan.ts'
import type { Service } from '../core/project.ts'
import { execute } from '../world/exec.ts'
import { exists, writeWhole } from '../world/files.ts'

type Services = { services: Service[] }

/** How far this run has come with one service; kept in its folder, so that a later process knows what to start. */
type Mark = 'stopping' | 'stopped' | 'started' | null

const COMMAND_MS = 300_000
const STATUS_MS = 60_000
/** How long a service may take until its status says that it runs. */
const UP_MS = 60_000
const AGAIN_MS = 250
/** Between a start that failed and the second one. */
const PAUSE_MS = 1000

/** Stopping and starting what works with live data. Only what this run has stopped is ever started by it. */
export const servicesCalls = {
  'services.stop': async ({ services }: Services, io: Io) => {
    for (const [index, service] of services.entries()) {
      if ((await markOf(io, index)) === 'stopped') continue
      await mark(io, index, 'stopping')
      try {
        await command(service.stop, io)
      } catch (error) {
        // Stopping what does not run may well fail; what counts is that it does not.
        if (io.signal.aborted || service.status === null || (await isUp(service.status, io))) throw error
        io.line(`${service.stop.join(' ')}: ${messageOf(error)}; it does not run`)
      }
      await mark(io, index, 'stopped')
    }
    return {}
  },

  'services.start': async ({ services }: Services, io: Io) => {
    const failed: string[] = []
    for (const [index, service] of services.entries()) {
      const at = await markOf(io, index)
      if (at === null || at === 'started') continue
      try {
        await startedTwice(service.start, io)
        if (service.status !== null) await untilUp(service.status, io)
        await mark(io, index, 'started')
      } catch (error) {
        // The others are wanted all the same.
        failed.push(`${service.start.join(' ')}: ${whyOf(error)}`)
      }
    }
    if (failed.length > 0) throw new StepFailed('services', failed.join('; '))
    return {}
  },

  'services.stopped': async ({ services }: Services, io: Io) => {
    const marks = await Promise.all(services.map((_, index) => markOf(io, index)))
    const done = marks.every((at) => at === 'stopped' || at === 'started')
    return { state: done ? 'done' : marks.every((at) => at === null) ? 'absent' : 'partial', saw: { marks } }
  },

  'services.started': async ({ services }: Services, io: Io) => {
    const marks = await Promise.all(services.map((_, index) => markOf(io, index)))
    return { state: marks.every((at) => at === 'started') ? 'done' : 'absent', saw: { marks } }
  },
} satisfies CallRegistry

/** With the last thing it said, which tells more than its exit code. */
function whyOf(error: unknown): string {
  const said = error instanceof StepFailed ? (error.output.at(-1) ?? '') : ''
  return said === '' ? messageOf(error) : `${messageOf(error)}: ${said}`
}

const MARKS = ['stopping', 'stopped', 'started'] as const

/** The mark is in the name alone: a rename needs no room, and services must start on a full disk, too. */
const fileOf = (io: Io, index: number, at: Exclude<Mark, null>) => join(io.dir, `service-${index + 1}.${at}`)

async function markOf(io: Io, index: number): Promise<Mark> {
  for (const at of MARKS) if (await exists(fileOf(io, index, at))) return at
  return null
}

async function mark(io: Io, index: number, at: Exclude<Mark, null>): Promise<void> {
  const before = await markOf(io, index)
  if (before === null) await writeWhole(fileOf(io, index, at), '')
  else await rename(fileOf(io, index, before), fileOf(io, index, at))
}

async function command(argv: string[], io: Io): Promise<void> {
  const limits = { idleMs: COMMAND_MS, timeoutMs: COMMAND_MS, signal: io.signal }
  await execute({ argv, cwd: io.root, ...limits, onLine: (_, text) => io.line(text), onChild: io.child })
}

/** What was stopped a moment ago may still hold its port or its lock, and what it asks may be waking up itself. */
async function startedTwice(argv: string[], io: Io): Promise<void> {
  try {
    await command(argv, io)
  } catch (error) {
    if (io.signal.aborted) throw error
    io.line(`${argv.join(' ')}: ${whyOf(error)}; once more`)
    await sleep(PAUSE_MS, undefined, { signal: io.signal })
    await command(argv, io)
  }
}

async function isUp(status: string[], io: Io): Promise<boolean> {
  const okCodes = Array.from({ length: 256 }, (_, code) => code)
  const limits = { idleMs: STATUS_MS, timeoutMs: STATUS_MS, signal: io.signal }
  return (await execute({ argv: status, cwd: io.root, ...limits, okCodes, onChild: io.child })).code === 0
}

async function untilUp(status: string[], io: Io): Promise<void> {
  const until = performance.now() + UP_MS
  while (!(await isUp(status, io))) {
    if (performance.now() > until) throw new StepFailed('services', `${status.join(' ')} does not say that it runs`)
    await sleep(AGAIN_MS, undefined, { signal: io.signal })
  }
}
