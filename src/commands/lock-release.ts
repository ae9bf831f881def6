import { minute } from '../core/age.ts'
import { EXIT, messageOf, UserError } from '../core/failure.ts'
import { confirmationName } from '../core/project.ts'
import { appendAudit } from '../records/audit-log.ts'
import { releaseSharedLock, readSharedLock } from '../world/git-lock.ts'
import { remoteUrl } from '../world/git-remote.ts'
import { openGit } from '../world/git.ts'
import { type RunCommand, textOption } from './command.ts'

/**
 * `knowngood lock release --confirm=… --reason …`: takes away a shared lock its holder left behind, recorded with the
 * holder's name. A holder that still lives finds its lock gone before its next step, and stops.
 */
export const run: RunCommand = async (context, _args, options) => {
  const project = await context.project()
  const git = openGit(project.root)
  const { remote } = project.git
  if ((await remoteUrl(git, remote)) === null)
    return { exit: EXIT.done, data: { released: null }, lines: [`There is no remote ${remote}: no lock is shared.`] }
  const held = await readSharedLock(git, remote).catch((error: unknown) => {
    throw new UserError(
      'The shared lock cannot be looked at',
      messageOf(error),
      ['git ls-remote says whether the remote answers.'],
      EXIT.held,
    )
  })
  if (held === null) return { exit: EXIT.done, data: { released: null }, lines: ['The shared lock is free already.'] }
  const { operator, host, run: holderRun } = held.holder
  const whose = `${operator}@${host}, run ${holderRun}, since ${minute(held.holder.at)}`
  if (context.dryRun)
    return {
      exit: EXIT.done,
      data: { dryRun: true, holder: held.holder },
      lines: [`Would take the lock of ${whose} away.`, 'Nothing has changed.'],
    }
  const name = confirmationName(project)
  const [typed, reason] = [textOption(options, 'confirm'), textOption(options, 'reason')]
  if (typed === null || reason === null || reason.trim() === '') {
    throw new UserError('lock release needs --confirm and --reason', `the lock is held by ${whose}`, [
      `knowngood lock release --confirm=${name} --reason "…"`,
    ])
  }
  if (typed !== name)
    throw new UserError(`That says ${typed}; the name is ${name}`, 'it must match exactly', [`Type ${name}.`])
  await appendAudit(project.root, {
    actor: context.operator,
    host: context.host,
    run: null,
    event: 'lock',
    outcome: 'taken over',
    subject: whose,
    detail: { reason },
  })
  await releaseSharedLock(git, remote, held.nonce)
  return { exit: EXIT.done, data: { released: held.holder }, lines: [`The lock of ${whose} is gone.`] }
}
