import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { now } from './clock.ts'
import { RUN_VARIABLE } from './orphans.ts'

/**
 * Starts this program once more, in a session of its own, with its output in a file (0600); it is not ended with its
 * parent or its terminal. `ended()` is null while it runs, then the output.
 */
export async function startDetached(
  args: readonly string[],
  where: { cwd: string; output: string },
): Promise<{ pid: number; ended(): string | null }> {
  const out = openSync(where.output, 'a', 0o600)
  const [node, ...program] = ownProgram()
  const child = spawn(node, [...program, ...args], {
    cwd: where.cwd,
    detached: true,
    stdio: ['ignore', out, out],
    env: environment(),
  })
  let over = false
  child.on('exit', () => {
    over = true
  })
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', reject)
    })
  } finally {
    closeSync(out)
  }
  child.unref()
  return { pid: child.pid ?? 0, ended: () => (over ? readFileSync(where.output, 'utf8') : null) }
}

/** This very program as argv: the Node it runs on, and its file. */
export function ownProgram(): [node: string, program: string] {
  return [process.execPath, process.env['KNOWNGOOD_PROGRAM'] ?? process.argv[1] ?? '']
}

/** Ours, with the clock going on from now, and without the mark of a run: that is for its children, which may be ended. */
function environment(): NodeJS.ProcessEnv {
  const { [RUN_VARIABLE]: _mark, ...env } = process.env
  return env['KNOWNGOOD_NOW'] === undefined ? env : { ...env, KNOWNGOOD_NOW: now().toISOString() }
}
