import { messageOf, StepFailed } from '../core/failure.ts'

/** Why a mirror does not answer, with the last thing its program said: an exit code alone tells nobody what to mend. */
export function reasonOf(error: unknown): string {
  const last = error instanceof StepFailed ? (error.output.findLast((line) => line.trim() !== '') ?? '') : ''
  return last === '' ? messageOf(error) : `${messageOf(error)}: ${last.trim()}`
}
