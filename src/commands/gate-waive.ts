import { waiveGate } from '../calls/gate-verdict.ts'
import { UserError } from '../core/failure.ts'
import { confirmationName } from '../core/project.ts'
import { type RunCommand, textOption } from './command.ts'
import { settled, wouldSay } from './gate-confirm.ts'
import { gateSubject } from './gate.ts'

/** `knowngood gate waive ID --reason … --approved-by … --confirm=<project>-<environment>`: a written deviation. */
export const run: RunCommand = async (context, [id = ''], options) => {
  const { project, commit } = await gateSubject(context)
  const needed = ['reason', 'approvedBy', 'confirm'].filter((name) => textOption(options, name) === null)
  if (needed.length > 0) {
    const flags = needed.map((name) =>
      name === 'approvedBy'
        ? '--approved-by'
        : name === 'confirm'
          ? `--confirm=${confirmationName(project)}`
          : '--reason',
    )
    throw new UserError(`gate waive needs ${flags.join(', ')}`, 'a waiver is a recorded deviation', [
      `knowngood gate waive ${id} --reason "…" --approved-by NAME --confirm=${confirmationName(project)}`,
    ])
  }
  if (context.dryRun) return await wouldSay(context, project, commit, id, 'waived')
  const [reason = '', approvedBy = '', typed = ''] = ['reason', 'approvedBy', 'confirm'].map(
    (name) => textOption(options, name) ?? '',
  )
  return settled(() => waiveGate(project, commit, id, { reason, approvedBy, typed }, { operator: context.operator }))
}
