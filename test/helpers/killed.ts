import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Plan } from '../../src/core/plan.ts'

/** before: the step has begun. acted: it did its work, and nothing says so yet. */
export type Kill = { when: 'before' | 'acted'; step: string }

export type Ended = {
  killed: boolean
  exit?: number
  error?: string | null
  outcome?: string
  owed?: string[]
  err: string
}

/** Every kill needs a process of its own; what they all load is compiled once. */
export const COMPILED = { NODE_COMPILE_CACHE: join(tmpdir(), 'knowngood-test-compiled') }

const program = join(import.meta.dirname, '..', 'fixtures', 'killed-run.ts')

/** Starts a plan in a process of its own (or resumes or undoes its run), which dies by SIGKILL where it is told to. */
export async function runKilled(
  root: string,
  plan: Plan,
  how: 'run' | 'resume' | 'undo' | 'abandon',
  kill: Kill | null,
  env: Record<string, string> = {},
): Promise<Ended> {
  const file = join(root, '.knowngood', `${plan.names['run']}.plan.json`)
  await writeFile(file, JSON.stringify(plan))
  const words = [program, root, file, how, kill?.when ?? 'never', kill?.step ?? '']
  const ended = await new Promise<{ signal: string | null; out: string; err: string }>((resolve) => {
    const child = execFile(process.execPath, words, { env: { ...process.env, ...COMPILED, ...env } }, (_, out, err) =>
      resolve({ signal: child.signalCode, out, err }),
    )
  })
  const said = ended.out === '' ? {} : (JSON.parse(ended.out) as Omit<Ended, 'killed' | 'err'>)
  return { killed: ended.signal === 'SIGKILL', ...said, err: ended.err }
}
