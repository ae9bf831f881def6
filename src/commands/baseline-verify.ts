import { EXIT, held } from '../core/failure.ts'
import { namedBackup } from '../core/named-backup.ts'
import { planVerify } from '../plans/verify.ts'
import type { RunCommand } from './command.ts'
import { decide } from './decide.ts'
import { operate } from './operate.ts'

/** `knowngood baseline verify [NAME]`: reads every byte of the baselines again. */
export const run: RunCommand = async (context, [name], options) => {
  const project = await context.project()
  const facts = await context.facts({ remote: true, only: ['backups', 'runs', 'lock'] })
  if (!facts.backups.ok) throw held("Can't list the baselines", facts.backups.because, [facts.backups.fix])
  const all = facts.backups.value.filter((one) => one.kind === 'baseline').map((one) => one.id)
  if (all.length === 0 && name === undefined)
    return { exit: EXIT.held, data: { verified: [] }, lines: ['There is no baseline: knowngood baseline create NAME'] }
  const ids = name === undefined ? all : [namedBackup(facts.backups.value, name).id]
  const plan = planVerify(project, facts, { ids, rung: 'hashed' }, await decide(context, project, 'verify'))
  return await operate(context, plan, options, () => ({
    data: { verified: ids },
    lines: [`Read again, every byte as it was: ${ids.join(', ')}.`],
  }))
}
