import { reasonOf, StepFailed } from '../core/failure.ts'
import { execute, type ExecSpec } from '../world/exec.ts'

/** As `execute`, for the programs of mirrors: a failure says what they said was wrong. Throws StepFailed. */
export async function runMirrorChild(spec: ExecSpec): Promise<void> {
  try {
    await execute(spec)
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error
    throw new StepFailed('mirror', lockedBy(error.output) ?? withoutTime(reasonOf(error)), error.output)
  }
}

/** Whether restic was refused for a lock. */
export function isLocked(error: unknown): boolean {
  return error instanceof StepFailed && lockedBy(error.output) !== null
}

/** Who holds a restic repository, as restic says it; null when nobody does. */
function lockedBy(output: readonly string[]): string | null {
  const line = (pattern: RegExp) => output.flatMap((text) => pattern.exec(text)?.[1] ?? []).at(0)
  const who = line(/repository is already (locked .*)$/)
  if (who === undefined) return null
  const since = line(/lock was created at ([^(]+?)\s*(?:\(|$)/)
  return `the repository is ${who}${since === undefined ? '' : `, since ${since}`}: wait for it; where it is gone: restic unlock`
}

/** rclone's lines begin with when they were written. */
function withoutTime(reason: string): string {
  return reason.replace(/: \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d (?:(?:ERROR|NOTICE|CRITICAL)\s*: )?/, ': ')
}
