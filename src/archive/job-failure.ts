import { StepFailed, messageOf } from '../core/failure.ts'
import { codeOf } from '../world/files.ts'

/** An error as it crosses from a worker: classes do not. */
export type JobFailure = { step: string | null; message: string; code: string | null; stack: string | undefined }

export function failureOf(error: unknown): JobFailure {
  return {
    step: error instanceof StepFailed ? error.step : null,
    message: messageOf(error),
    code: codeOf(error),
    stack: error instanceof Error ? error.stack : undefined,
  }
}

export function errorOf({ step, message, code, stack }: JobFailure): Error {
  if (step !== null) return new StepFailed(step, message)
  const error = Object.assign(new Error(message), code === null ? {} : { code })
  if (stack !== undefined) error.stack = stack
  return error
}
