import { inShort } from './text.ts'

/** Exit codes, as `--help` lists them. */
export const EXIT = {
  done: 0,
  bug: 1,
  usage: 2,
  held: 3,
  putBack: 4,
  notPutBack: 5,
  locked: 6,
  liveWrong: 7,
  hangup: 129,
  interrupted: 130,
  terminated: 143,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** The operator can mend it: what happened, why, and what to do next, one step a line. */
export class UserError extends Error {
  readonly what: string
  readonly why: string
  readonly next: readonly string[]
  readonly exit: ExitCode
  constructor(what: string, why: string, next: readonly string[], exit: ExitCode = EXIT.usage) {
    super(why === '' ? what : `${what}: ${why}`)
    this.name = 'UserError'
    this.what = what
    this.why = why
    this.next = next
    this.exit = exit
  }
}

/** A step's own failure: an outside thing did not do what was asked. `output` is the tail of what it said. */
export class StepFailed extends Error {
  readonly step: string
  readonly output: readonly string[]
  constructor(step: string, message: string, output: readonly string[] = []) {
    super(message)
    this.name = 'StepFailed'
    this.step = step
    this.output = output
  }
}

/** Production was not proven. `answered`: it was reached and said something else; false when nobody could be asked. */
export class NotProven extends StepFailed {
  readonly answered: boolean
  constructor(message: string, answered: boolean, output: readonly string[] = []) {
    super('verify', message, output)
    this.name = 'NotProven'
    this.answered = answered
  }
}

/** The disk, or a permission, failed before anything was begun: there is nothing to put back. `cause` is what it said. */
export class NotBegun extends Error {
  override readonly cause: unknown
  constructor(cause: unknown) {
    super(messageOf(cause))
    this.name = 'NotBegun'
    this.cause = cause
  }
}

/** Does what is whole or not there at all; throws NotBegun where the system refused it. */
export async function wholeOrNot<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const system = error instanceof Error && 'code' in error && typeof error.code === 'string'
    throw system ? new NotBegun(error) : error
  }
}

/** Nothing was changed because a condition does not hold; exit 3. */
export function held(what: string, why: string, next: readonly string[]): UserError {
  return new UserError(what, why, next, EXIT.held)
}

/** What says nothing of why: npm's own last words are where its log is. */
const NO_REASON = /^\s*$|A complete log of this run/

/** Why a program did not answer, with the last thing it said: an exit code alone tells nobody what to mend. */
export function reasonOf(error: unknown): string {
  const last = error instanceof StepFailed ? (error.output.findLast((line) => !NO_REASON.test(line)) ?? '') : ''
  return last === '' ? messageOf(error) : `${messageOf(error)}: ${last.trim()}`
}

const TOO_LONG = /^ENAMETOOLONG: [^,]*, \w+ ?/

/** The message of anything thrown. Of a name that is too long for the system it says so, and as much of it as can be read. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (!TOO_LONG.test(error.message)) return error.message
  const names = error.message.replace(TOO_LONG, '').split(' -> ')
  return `the name is too long for this file system: ${names.map((name) => inShort(name)).join(' -> ')}`
}
