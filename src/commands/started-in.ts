import { UserError } from '../core/failure.ts'

/** The folder that the command was started in, absolute. One that was deleted meanwhile has no path. */
export function startedIn(): string {
  try {
    return process.cwd()
  } catch {
    throw new UserError("Can't start here", 'this folder was deleted, or moved away, while a terminal was in it', [
      'Change to a folder that exists, or name one with -C.',
    ])
  }
}
