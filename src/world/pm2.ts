import { homedir } from 'node:os'
import { join } from 'node:path'
import { StepFailed } from '../core/failure.ts'
import { clean } from '../core/text.ts'
import { execute } from './exec.ts'
import { exists, readText } from './files.ts'
import { processStarted } from './identity.ts'
import { mask } from './secrets.ts'

/** One process as PM2 has it. `uptimeSeconds` is null for one that does not run. */
export type Pm2Process = { name: string; state: string; restarts: number; uptimeSeconds: number | null }

/** `release` and `commit` are null for one that was started by other hands. */
export type Pm2Released = Pm2Process & { release: string | null; commit: string | null }

/** What a process of a release is started with, so that it can be told from the one before. */
export const RELEASE_VARIABLE = 'KNOWNGOOD_RELEASE'

type Bounds = { signal?: AbortSignal | undefined; env?: Record<string, string>; onChild?: (pid: number) => void }

const MOST_BYTES = 64_000_000
const LIMIT_MS = 20_000

/**
 * The processes of PM2's daemon; null where none runs (asking would start one). Throws a StepFailed when it does not answer.
 * `jlist` prints every process's whole environment: what comes is taken apart here, and nothing but these fields leaves.
 */
export async function pm2Processes(bounds: Bounds): Promise<Pm2Process[] | null> {
  const printed = await jlist(bounds)
  return printed === null ? null : read(processesIn(printed))
}

/** The same with the release each process was started for, as our own variables in its environment name it. */
export async function pm2Releases(bounds: Bounds): Promise<Pm2Released[] | null> {
  const printed = await jlist(bounds)
  return printed === null ? null : read(itemsIn(printed, releasedIn))
}

async function jlist(bounds: Bounds): Promise<string | null> {
  if (!(await daemonRuns())) return null
  const chunks: Buffer[] = []
  let bytes = 0
  await execute({
    argv: ['pm2', 'jlist'],
    env: { ...bounds.env, PM2_DISCRETE_MODE: 'true' },
    idleMs: LIMIT_MS,
    timeoutMs: LIMIT_MS,
    signal: bounds.signal,
    onChild: bounds.onChild,
    onData: async (chunk) => {
      bytes += chunk.length
      if (bytes > MOST_BYTES) throw new StepFailed('pm2', 'pm2 jlist printed more than it could have to say')
      chunks.push(chunk)
    },
  })
  return Buffer.concat(chunks).toString('utf8')
}

function read<T>(processes: T[] | null): T[] {
  // Never with what it printed: that may hold anything.
  if (processes === null) throw new StepFailed('pm2', 'pm2 jlist did not print a list of processes')
  return processes
}

/** The list in what `jlist` prints; a banner and messages may stand before it. Null when there is none. */
export function processesIn(printed: string, nowMs = Date.now()): Pm2Process[] | null {
  return itemsIn(printed, (one) => processIn(one, nowMs))
}

function itemsIn<T>(printed: string, take: (one: unknown) => T[]): T[] | null {
  for (const line of printed.split('\n').toReversed()) {
    const list = line.trimStart().startsWith('[') ? listIn(line) : null
    if (list !== null) return list.flatMap(take)
  }
  return null
}

function releasedIn(one: unknown): Pm2Released[] {
  const env = fields(fields(one)['pm2_env'])
  const text = (name: string) => (typeof env[name] === 'string' ? clean(mask(env[name])) : null)
  return processIn(one, Date.now()).map((process) => ({
    ...process,
    release: text(RELEASE_VARIABLE),
    commit: text('KNOWNGOOD_COMMIT'),
  }))
}

function listIn(line: string): unknown[] | null {
  try {
    const value: unknown = JSON.parse(line)
    return Array.isArray(value) ? value : null
  } catch {
    return null
  }
}

function processIn(one: unknown, nowMs: number): Pm2Process[] {
  const given = fields(one)
  const env = fields(given['pm2_env'])
  if (typeof given['name'] !== 'string' || typeof env['status'] !== 'string') return []
  const since = env['status'] === 'online' && typeof env['pm_uptime'] === 'number' ? env['pm_uptime'] : null
  return [
    {
      name: clean(mask(given['name'])),
      state: clean(mask(env['status'])),
      restarts: typeof env['restart_time'] === 'number' ? env['restart_time'] : 0,
      uptimeSeconds: since === null ? null : Math.max(0, Math.round((nowMs - since) / 1000)),
    },
  ]
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

async function daemonRuns(): Promise<boolean> {
  const home = process.env['PM2_HOME'] ?? join(homedir(), '.pm2')
  const pid = Number(await readText(join(home, 'pm2.pid')).catch(() => null))
  return processStarted(pid) !== null && (await exists(join(home, 'rpc.sock')))
}
