import type { FileHandle } from 'node:fs/promises'
import { open, stat } from 'node:fs/promises'
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream'
import { execa } from 'execa'
import { messageOf, StepFailed } from '../core/failure.ts'
import { syncHandle } from './files.ts'
import { cutLine, lineSplitter, tail } from './lines.ts'
import { surviveLongFiles } from './long-files.ts'
import { whyNotRun } from './programs.ts'
import { mask } from './secrets.ts'

/** A child to run: `argv` never goes to a shell. `idleMs` without output, or `timeoutMs` in all, end it; 0 is no limit. */
export type ExecSpec = {
  argv: readonly string[]
  cwd?: string | undefined
  env?: Readonly<Record<string, string>> | undefined
  /** Text for the child's stdin, which is closed after it. */
  stdin?: string | undefined
  /** A file that takes stdout as it is (0600); it is synced when the child has ended. */
  stdoutFile?: string | undefined
  idleMs: number
  timeoutMs: number
  /** Default: 0 only. */
  okCodes?: readonly number[] | undefined
  signal?: AbortSignal | undefined
  /** Takes stdout as it is, chunk by chunk, nothing cut or masked and no line made of it; the child waits while it does. */
  onData?: ((chunk: Buffer) => Promise<void>) | undefined
  onLine?: ((from: 'out' | 'err', text: string) => void) | undefined
  onUnfinished?: ((text: string) => void) | undefined
  onChild?: ((pid: number) => void) | undefined
}

/** `out` and `err` are the last 200 lines each, masked, at most 4 KB a line. */
export type ExecResult = { code: number; out: string[]; err: string[]; ms: number }

const TAIL = 200
/** After the end signal a child has this long before it is killed, and its pipes as long again before they are let go. */
const PATIENCE = 5000

/** Runs a child and waits for it and all its descendants. Throws StepFailed with the tail of what it said. */
export async function execute(spec: ExecSpec): Promise<ExecResult> {
  const [result] = await executePipe([spec])
  if (result === undefined) throw new StepFailed('', 'nothing to run')
  return result
}

/** Runs children with each one's stdout as the next one's stdin; every exit code counts, and one failure ends all. */
export async function executePipe(specs: readonly ExecSpec[]): Promise<ExecResult[]> {
  const stop = new AbortController()
  const pulse = { at: performance.now() }
  const children: Child[] = []
  try {
    for (const [index, spec] of specs.entries()) {
      const child = await start(spec, {
        first: index === 0,
        last: index === specs.length - 1,
        stop: stop.signal,
        pulse,
      })
      children.push(child)
      const before = children[index - 1]
      if (before?.stdout && child.stdin) pipeline(before.stdout, child.stdin, () => {})
    }
  } catch (error) {
    stop.abort()
    await Promise.allSettled(children.map((child) => child.ended))
    throw error
  }
  const results = await Promise.allSettled(
    children.map((child) =>
      child.ended.catch((error: unknown) => {
        stop.abort()
        throw error
      }),
    ),
  )
  const failed = results.filter((result) => result.status === 'rejected').map((result): unknown => result.reason)
  // The one that broke first is the cause; those ended because of it say so themselves.
  const cause = failed.find((error) => !(error instanceof Ended)) ?? failed[0]
  if (cause !== undefined) throw cause
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
}

/** `stdout` is raw: listen to its `data` at once. `ended` is as `execute`; await it whatever happens. */
export type Child = { stdin: Writable | null; stdout: Readable | null; ended: Promise<ExecResult> }

/** Starts a child that is spoken to: its stdin stays open until the caller ends it, and its stdout is the caller's to read. */
export async function converse(spec: ExecSpec): Promise<Child> {
  const child = await start(spec, {
    first: false,
    last: false,
    stop: new AbortController().signal,
    pulse: { at: performance.now() },
  })
  // Whoever writes hears of a child that ended by `ended`, not by a broken pipe.
  child.stdin?.on('error', () => undefined)
  child.ended.catch(() => undefined)
  return child
}

type Wiring = { first: boolean; last: boolean; stop: AbortSignal; pulse: { at: number } }

/** A child that was ended because the run stops or a neighbour in the pipe failed. */
class Ended extends StepFailed {}

async function start(spec: ExecSpec, wiring: Wiring): Promise<Child> {
  const [file = '', ...args] = spec.argv
  await mustBeFolder(spec.cwd)
  const sink = spec.stdoutFile === undefined ? null : await open(spec.stdoutFile, 'w', 0o600)
  const ending = new AbortController()
  const signal = AbortSignal.any([ending.signal, wiring.stop, ...(spec.signal === undefined ? [] : [spec.signal])])
  const began = performance.now()
  surviveLongFiles()
  const subprocess = execa(file, args, {
    env: { GIT_TERMINAL_PROMPT: '0', ...spec.env },
    ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
    ...(wiring.first && spec.stdin !== undefined ? { input: spec.stdin } : { stdin: wiring.first ? 'ignore' : 'pipe' }),
    stdout: sink === null ? 'pipe' : (sink.fd as 1),
    stderr: 'pipe',
    buffer: false,
    reject: false,
    cancelSignal: signal,
    killDescendants: true,
    forceKillAfterDelay: PATIENCE,
  })
  if (subprocess.pid !== undefined) spec.onChild?.(subprocess.pid)
  const out = tail(TAIL)
  const err = tail(TAIL)
  const watched = wiring.last && sink === null ? subprocess.stdout : null
  const taken = watched !== null && spec.onData !== undefined ? take(watched, spec.onData, wiring.pulse, ending) : null
  if (taken !== null) taken.catch(() => {})
  else if (watched) follow(watched, 'out', out, spec, wiring.pulse)
  else subprocess.stdout?.on('data', () => beat(wiring.pulse))
  if (subprocess.stderr) follow(subprocess.stderr, 'err', err, spec, wiring.pulse)

  const limits = watchLimits(spec, began, wiring.pulse, sink, (why) => ending.abort(why))
  const letGo = () =>
    void setTimeout(() => {
      // A descendant that left the process group may hold the pipes for ever.
      subprocess.stdout?.destroy()
      subprocess.stderr?.destroy()
    }, PATIENCE * 1.5).unref()
  signal.addEventListener('abort', letGo, { once: true })

  const settle = async (): Promise<ExecResult> => {
    const result = await subprocess
    limits.stop()
    signal.removeEventListener('abort', letGo)
    // The system tells of bytes it lost once only: whoever syncs the file after this would hear that all is well.
    const lost = sink === null ? null : await syncHandle(sink).then(() => null, messageOf)
    await sink?.close()
    await taken
    const said = [...out.lines(), ...err.lines()].slice(-TAIL)
    const name = spec.argv.slice(0, 2).join(' ')
    if (ending.signal.aborted) throw new StepFailed(file, `${name} ${String(ending.signal.reason)}`, said)
    if (signal.aborted) throw new Ended(file, `${name} was stopped`, said)
    if (result.exitCode === undefined) throw new StepFailed(file, mask(whyNotRun(file, result, spec.cwd)), said)
    const code = result.exitCode
    if (!(spec.okCodes ?? [0]).includes(code)) throw new StepFailed(file, mask(`${name} ended with code ${code}`), said)
    if (lost !== null) throw new StepFailed(file, `what ${name} wrote could not be kept: ${lost}`, said)
    return { code, out: out.lines(), err: err.lines(), ms: performance.now() - began }
  }
  return { stdin: subprocess.stdin, stdout: subprocess.stdout, ended: settle() }
}

function beat(pulse: { at: number }): void {
  pulse.at = performance.now()
}

function follow(
  stream: Readable,
  from: 'out' | 'err',
  kept: { push(line: string): void },
  spec: ExecSpec,
  pulse: { at: number },
) {
  const splitter = lineSplitter((line) => {
    const text = cutLine(mask(line))
    kept.push(text)
    spec.onLine?.(from, text)
  }, spec.onUnfinished)
  stream.on('data', (chunk: Buffer) => {
    beat(pulse)
    splitter.push(chunk)
  })
  stream.on('end', () => splitter.end())
}

/** Hands stdout on. What takes it may fail (a full disk): then the child is ended, and that is the cause. */
async function take(
  stream: Readable,
  onData: (chunk: Buffer) => Promise<void>,
  pulse: { at: number },
  ending: AbortController,
): Promise<void> {
  let failed: unknown
  try {
    for await (const chunk of stream) {
      beat(pulse)
      await onData(chunk as Buffer).catch((error: unknown) => {
        failed = error
        throw error
      })
    }
  } catch (error) {
    ending.abort('was ended')
    // A stream that was let go of is told by how the child ended.
    if (failed !== undefined) throw error
  }
}

/** Looks a few times within the idle time; a child that writes straight to a file is alive while the file grows. */
function watchLimits(
  spec: ExecSpec,
  began: number,
  pulse: { at: number },
  sink: FileHandle | null,
  end: (why: string) => void,
) {
  const limits = [spec.idleMs, spec.timeoutMs].filter((limit) => limit > 0)
  if (limits.length === 0) return { stop: () => {} }
  let size = -1
  const look = async () => {
    const present = performance.now()
    if (sink !== null) {
      const grown = (await sink.stat().catch(() => null))?.size ?? size
      if (grown !== size) beat(pulse)
      size = grown
    }
    if (spec.timeoutMs > 0 && present - began > spec.timeoutMs) end(`took longer than ${seconds(spec.timeoutMs)}`)
    else if (spec.idleMs > 0 && present - Math.max(pulse.at, began) > spec.idleMs) {
      end(`said nothing for ${seconds(spec.idleMs)}`)
    }
  }
  const timer = setInterval(() => void look(), Math.max(20, Math.min(1000, ...limits.map((limit) => limit / 4))))
  timer.unref()
  return { stop: () => clearInterval(timer) }
}

function seconds(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${Math.round(ms / 100) / 10} s`
}

async function mustBeFolder(cwd: string | undefined): Promise<void> {
  if (cwd === undefined) return
  const found = await stat(cwd).catch(() => null)
  if (!found?.isDirectory()) throw new StepFailed('', `there is no folder ${cwd} to work in`)
}
