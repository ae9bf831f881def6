import { lstat, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StepFailed } from '../../core/failure.ts'
import type { Io } from '../../core/plan.ts'
import { execute } from '../../world/exec.ts'
import { makeFolder } from '../../world/files.ts'
import { watchStill } from '../still.ts'

/** How a command of the team's own is run: words as they are, never a shell; times in seconds. */
export type Command = { words: string[]; timeout: number; idle: number }

/**
 * Runs a capture command into a file of a new folder. Its exit code counts, and so does what it left: a missing, empty or
 * linked file is a StepFailed, however it ended.
 */
export async function captureTo(name: string, command: Command, file: string, io: Io): Promise<void> {
  await rm(dirname(file), { recursive: true, force: true })
  await makeFolder(dirname(file))
  await runCommand(command, '{out}', file, io)
  await mustBeWhole(name, file)
}

/** Throws a StepFailed unless a plain file with something in it stands there. */
export async function mustBeWhole(name: string, file: string): Promise<void> {
  const found = await lstat(file).catch(() => null)
  if (found === null) throw new StepFailed(name, `the command ended well and wrote nothing to ${file}`)
  if (!found.isFile()) throw new StepFailed(name, `${file} is not a plain file`)
  if (found.size === 0) throw new StepFailed(name, `${file} is empty`)
}

/** Runs a command with its placeholder filled in. It stands still when it says nothing and its file does not grow. */
export async function runCommand(command: Command, placeholder: string, file: string, io: Io): Promise<void> {
  const { words, timeout, idle } = command
  const still = watchStill(file, idle * 1000)
  try {
    await execute({
      argv: words.map((word) => word.replaceAll(placeholder, () => file)),
      cwd: io.root,
      env: { KNOWNGOOD_RUN: io.run },
      idleMs: 0,
      timeoutMs: timeout * 1000,
      signal: AbortSignal.any([still.signal, io.signal]),
      onChild: io.child,
      onLine: (_, text) => {
        still.beat()
        io.line(text)
      },
    })
  } catch (error) {
    if (!still.signal.aborted) throw error
    throw new StepFailed(words[0] ?? '', `${words[0] ?? ''} stood still for ${idle} s, and was ended`)
  } finally {
    still.stop()
  }
}
