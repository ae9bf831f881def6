import { EXIT } from '../core/failure.ts'
import { recentAudit } from '../records/audit-log.ts'
import { table } from '../report/table.ts'
import type { RunCommand } from './command.ts'

/** `knowngood audit`: the newest lines of the audit log in plain words, newest first. */
export const run: RunCommand = async (context) => {
  const { root } = await context.project()
  const entries = await recentAudit(root)
  const lines = table(
    entries.map((entry) => [entry.at, entry.actor, entry.says]),
    [],
    100,
  )
  return { exit: EXIT.done, data: { entries }, lines: lines.length > 0 ? lines : ['The audit log has no lines yet.'] }
}
