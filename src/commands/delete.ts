import { namedBackup } from '../core/named-backup.ts'
import { planDelete } from '../plans/delete.ts'
import type { RunCommand } from './command.ts'
import { decide } from './decide.ts'
import { operate } from './operate.ts'

/** `knowngood delete ID`: removes one backup, its exports and the reference that held its commit. */
export const run: RunCommand = async (context, [id = ''], options) => {
  const [project, facts] = await Promise.all([context.project(), context.facts({ remote: true, live: true })])
  if (facts.backups.ok) namedBackup(facts.backups.value, id)
  const plan = planDelete(project, facts, { id }, await decide(context, project, 'delete'))
  return await operate(context, plan, options, ({ gives }) => {
    const removed = gives['delete']?.['removed'] ?? []
    return { data: { backupId: id, removed }, lines: [`Deleted ${id}.`, ...pathLines(removed)] }
  })
}

/** Removed paths, a line each. */
export function pathLines(removed: unknown): string[] {
  return Array.isArray(removed) ? removed.map((path) => `  ${String(path)}`) : []
}
