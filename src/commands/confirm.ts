import { confirmDoubts } from '../calls/confirm-doubts.ts'
import { EXIT, held, UserError } from '../core/failure.ts'
import { textOption, type RunCommand } from './command.ts'

/** `knowngood confirm ID --reason …`: a backup in doubt is right as it is; its warnings go. */
export const run: RunCommand = async (context, [id = ''], options) => {
  const reason = textOption(options, 'reason')
  if (reason === null)
    throw new UserError('confirm needs --reason', 'it is kept in the audit log', ['Say in a few words what you saw.'])
  const project = await context.project()
  const facts = await context.facts({ only: ['backups'] })
  if (!facts.backups.ok) throw held("Can't read the backups", facts.backups.because, [facts.backups.fix])
  const listed = facts.backups.value
  if (context.dryRun) {
    const doubts = listed.find((one) => one.id === id)?.doubts ?? []
    return { exit: EXIT.done, data: { dryRun: true, backupId: id, doubts }, lines: ['Nothing has changed.'] }
  }
  const doubts = await confirmDoubts(project.root, listed, { id, reason, operator: context.operator })
  return {
    exit: EXIT.done,
    data: { backupId: id, doubts },
    lines: [`Confirmed: ${id} is right as it is.`, ...doubts.map((doubt) => `  ${doubt}`)],
  }
}
