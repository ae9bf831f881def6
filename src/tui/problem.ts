import { messageOf, StepFailed, UserError } from '../core/failure.ts'
import type { Problem } from './nav.ts'

/** What an operator is told of something that failed: what, why, and what to do next. */
export function asProblem(error: unknown): Problem {
  if (error instanceof UserError) return { place: 'problem', what: error.what, why: error.why, next: error.next }
  if (error instanceof StepFailed) {
    return { place: 'problem', what: `${error.step} failed`, why: error.message, next: error.output.slice(-6) }
  }
  return {
    place: 'problem',
    what: 'That did not work',
    why: messageOf(error),
    next: ['R looks again; knowngood doctor checks the parts.'],
  }
}
