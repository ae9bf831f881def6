import { messageOf, UserError } from '../core/failure.ts'
import type { Check } from '../core/plug-in.ts'
import { recordsVariable, type Project } from '../core/project.ts'
import { clean } from '../core/text.ts'
import { lookAtTable } from '../records/postgres-releases.ts'
import { bad, good } from './doctor-machine.ts'

/** Release records in PostgreSQL: that it answers, and that its table takes them. A file of this clone needs no look. */
export async function checkRecords(project: Project, signal: AbortSignal): Promise<Check[]> {
  const variable = recordsVariable(project.records.url)
  if (variable === null) return []
  try {
    const { database, table, refused, flaw } = await lookAtTable({ variable, signal })
    const where = table === null ? 'ReleaseRecord' : table.name
    if (flaw !== null) return [bad('records', `${where} of ${clean(database)}: ${clean(flaw)}`, 'Change that table.')]
    if (refused.length > 0) {
      const fix =
        table === null
          ? `GRANT CREATE ON SCHEMA public, or name another role in $${variable}.`
          : `GRANT ${refused.join(', ')} ON ${where}, or name another role in $${variable}.`
      return [bad('records', `the role may not ${refused.join(' nor ')} in ${where} of ${clean(database)}`, fix)]
    }
    return [
      good(
        'records',
        table === null
          ? `release records go to ${clean(database)}; the first one makes their table`
          : `release records go to ${clean(where)} of ${clean(database)}${lacking(table.columns)}`,
      ),
    ]
  } catch (error) {
    const fix =
      error instanceof UserError
        ? (error.next[0] ?? '')
        : `See that the server runs, and that $${variable} is right; psql must be installed.`
    return [bad('records', clean(messageOf(error)), fix)]
  }
}

function lacking(columns: ReadonlyMap<string, unknown>): string {
  return columns.has('outcome') ? '' : ', certified releases only: it has no "outcome"'
}
