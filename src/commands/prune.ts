import { age, size } from '../core/age.ts'
import { EXIT } from '../core/failure.ts'
import { KINDS } from '../core/kinds.ts'
import type { RetentionRow } from '../core/retention.ts'
import { planPrune, pruneRows } from '../plans/prune.ts'
import { table } from '../report/table.ts'
import type { RunCommand } from './command.ts'
import { decide } from './decide.ts'
import { pathLines } from './delete.ts'
import { refuseHeld } from './held.ts'
import { operate } from './operate.ts'

/** `knowngood prune [KIND]`: retention now; `-n` shows what would go and what would stay, with a reason on every row. */
export const run: RunCommand = async (context, [word], options) => {
  const [project, facts] = await Promise.all([context.project(), context.facts({ remote: true, live: true })])
  // The parser has refused any other word.
  const kind = Object.values(KINDS).find((spec) => spec.kind === word)?.kind ?? null
  const decided = await decide(context, project, 'prune')
  const plan = planPrune(project, facts, { kind }, decided)
  refuseHeld(plan)
  const rows = pruneRows(project, facts, kind, new Date(decided.now))
  const told = rows.map(({ backup, keep, because }) => ({
    id: backup.id,
    type: backup.kind,
    path: backup.path,
    size: backup.bytes,
    keep,
    because,
  }))
  if (context.dryRun)
    return {
      exit: EXIT.done,
      data: { dryRun: true, rows: told, plan },
      lines: [...rowLines(rows, context.now()), 'Nothing has changed.'],
    }
  if (plan.steps.length === 0)
    return { exit: EXIT.done, data: { success: true, removed: [], rows: told }, lines: ['There is nothing to prune.'] }
  return await operate(context, plan, options, ({ gives }) => {
    const removed = Object.values(gives).flatMap((given) => (Array.isArray(given['removed']) ? given['removed'] : []))
    return {
      data: { removed, rows: told },
      lines: [`Pruned ${removed.length} files and folders.`, ...pathLines(removed)],
    }
  })
}

function rowLines(rows: readonly RetentionRow[], now: Date): string[] {
  if (rows.length === 0) return ['There are no backups.']
  return table(
    rows.map(({ backup, keep, because }) => [
      keep ? 'keep' : 'remove',
      backup.id,
      age(backup.at, now),
      size(backup.bytes),
      because,
    ]),
    [3],
  )
}
