import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Task } from '../bench/archive-task.ts'

const script = fileURLToPath(new URL('../bench/archive-task.ts', import.meta.url))

/** Archives in a process of its own, with words before it (`prlimit …`, `strace …`). */
export function archiveIn(
  before: string[],
  task: Task,
): Promise<{ code: number | null; signal: string | null; err: string }> {
  const [program, ...words]: string[] = [...before, process.execPath, script, JSON.stringify(task)]
  return new Promise((resolve) => {
    const child = execFile(program ?? '', words, (_, __, err) =>
      resolve({ code: child.exitCode, signal: child.signalCode, err }),
    )
  })
}
