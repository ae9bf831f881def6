import { spawn, type ChildProcess } from 'node:child_process'

/** What a child said; `code` is null when it never ran or was ended. */
export type ReadResult = { code: number | null; out: string; err: string; error: Error | null }

type Reading = {
  root: string
  env: Readonly<Record<string, string>>
  input: string
  signal: AbortSignal
  /** In a session of its own: what the terminal sends to us (ctrl-c, its end) does not reach it. */
  apart: boolean
}

/** After its end a child's pipes may be held open by a helper of it for this long (ms). */
const PIPES_MS = 100

/**
 * Runs a git command as bare as a child can be run: a first screen asks several of them, and what simple-git does around
 * each costs as much as git itself; nor can it start one apart. Never rejects.
 */
export async function runGit(args: readonly string[], reading: Reading): Promise<ReadResult> {
  for (;;) {
    const { by, ...result } = await once(args, reading)
    // Ctrl-c between the making of a process and its standing apart: git itself has not begun.
    if (reading.apart && result.error === null && (by === 'SIGINT' || by === 'SIGHUP')) continue
    return result
  }
}

type Once = ReadResult & { by: NodeJS.Signals | null }

function once(args: readonly string[], { root, env, input, signal, apart }: Reading): Promise<Once> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve({ code: null, by: null, out: '', err: '', error: new Error('stopped') })
    const child = spawn('git', args, {
      cwd: root,
      env,
      detached: apart,
      stdio: [input === '' ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    })
    const out: Buffer[] = []
    const err: Buffer[] = []
    let error: Error | null = null
    let done = false
    const stop = (): void => {
      error = new Error('stopped')
      end(child, apart)
    }
    signal.addEventListener('abort', stop, { once: true })
    const finish = (code: number | null): void => {
      if (done) return
      done = true
      signal.removeEventListener('abort', stop)
      child.stdout?.destroy()
      child.stderr?.destroy()
      resolve({ code, by: child.signalCode, out: text(out), err: text(err), error })
    }
    child.stdout?.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr?.on('data', (chunk: Buffer) => err.push(chunk))
    child.on('error', (failure) => {
      error = failure
      // Without a number it never ran; otherwise its end is still to come.
      if (child.pid === undefined) finish(null)
    })
    const letGo = (code: number | null): void => {
      const before = out.length + err.length
      // In the turn after the wait whatever came while this process was busy has been read.
      const look = () => (out.length + err.length === before ? finish(code) : letGo(code))
      setTimeout(() => done || setImmediate(look), PIPES_MS).unref()
    }
    child.on('exit', letGo)
    child.on('close', (code) => finish(code))
    // A child that ends before it has read everything closes the pipe; its exit code says why.
    child.stdin?.on('error', () => undefined).end(input)
  })
}

/** Git, and where it stands apart what it has started, too (an SSH, a remote helper). */
function end(child: ChildProcess, apart: boolean): void {
  try {
    if (apart && child.pid !== undefined) process.kill(-child.pid, 'SIGTERM')
    else child.kill('SIGTERM')
  } catch {
    // It ended meanwhile.
  }
}

function text(chunks: Buffer[]): string {
  return Buffer.concat(chunks).toString('utf8')
}
