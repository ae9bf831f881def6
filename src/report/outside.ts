import { EXIT, messageOf, NotBegun, UserError } from '../core/failure.ts'
import { GitFailed } from '../world/git.ts'
import { codeOf } from '../world/files.ts'
import { mask } from '../world/secrets.ts'

const SAYS: Record<string, readonly [what: string, fix: string]> = {
  ENOSPC: ['The disk is full', 'Make room there; df -h says how much is free.'],
  EDQUOT: ['The disk quota is used up', 'Make room there, or have the quota raised.'],
  EROFS: ['The volume is read-only', 'Mount it so that it can be written.'],
  EACCES: [
    'That may not be read or written',
    'See who owns it: ls -ld shows it, and knowngood doctor looks at every folder.',
  ],
  EPERM: ['That may not be changed', 'See who owns it: ls -ld shows it, and knowngood doctor looks at every folder.'],
  EIO: ['The disk does not answer as it should', 'Look at the disk before anything else: its last words are in dmesg.'],
  ENAMETOOLONG: ['That name is too long', 'Choose a shorter one, or a folder nearer to the top.'],
  EMFILE: ['Too many files are open', 'Raise the limit: ulimit -n says what it is.'],
}

/** What git says before it has looked at anything: nothing was changed. */
const UNREADABLE = /bad (?:\w+ )?config|not a git repository|dubious ownership|unknown repository extension/

/** A disk, a permission or a repository that failed outside of any step: no bug, but the operator's to mend. Null for everything else. */
export function outsideFailure(error: unknown): UserError | null {
  if (error instanceof NotBegun) {
    const told = outsideFailure(error.cause)
    return (
      told &&
      new UserError(told.what, told.why, [...told.next.slice(0, 1), 'Nothing in production was changed.'], EXIT.putBack)
    )
  }
  if (error instanceof GitFailed && UNREADABLE.test(error.said)) {
    const why = mask(error.said.split('\n').find((line) => UNREADABLE.test(line)) ?? '').replace(/^fatal: /, '')
    return new UserError('Git cannot read this repository', why, ['Mend that first: git status says the same.'])
  }
  const [what, fix] = SAYS[codeOf(error) ?? ''] ?? []
  if (what === undefined || fix === undefined) return null
  const next = [fix, 'knowngood status says what is live and whether a run was interrupted.']
  return new UserError(what, mask(messageOf(error)), next, EXIT.notPutBack)
}
