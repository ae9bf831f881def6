import { failGate } from '../calls/gate-verdict.ts'
import { UserError } from '../core/failure.ts'
import { type RunCommand, textOption } from './command.ts'
import { settled, wouldSay } from './gate-confirm.ts'
import { gateSubject } from './gate.ts'

/** `knowngood gate fail ID --reason …`. */
export const run: RunCommand = async (context, [id = ''], options) => {
  const reason = textOption(options, 'reason')
  if (reason === null)
    throw new UserError('gate fail needs --reason', 'it is kept in the audit log', ['Say in a few words what you saw.'])
  const { project, commit } = await gateSubject(context)
  if (context.dryRun) return await wouldSay(context, project, commit, id, 'fail')
  return settled(() => failGate(project, commit, id, reason, { operator: context.operator }))
}
