import type { ListedBackup } from '../core/backup.ts'
import { summarize, verdictOf } from '../core/backup-summary.ts'
import { EXIT } from '../core/failure.ts'
import type { JsonRecord } from '../core/json.ts'
import type { Project } from '../core/project.ts'
import { statusLines } from '../report/status.ts'
import type { RunCommand } from './command.ts'
import { keptCopies, keptLines } from './kept-copies.ts'

/** `knowngood status`: every fact, with its age, and what keeps a deploy from starting. */
export const run: RunCommand = async (context, _args, options) => {
  const online = options['offline'] !== true
  const [project, facts] = await Promise.all([context.project(), context.facts({ remote: online, live: online })])
  const now = new Date(facts.at)
  const kept = await keptCopies(project, facts.runs.ok ? facts.runs.value : [])
  const keptBlock =
    kept.length === 0 ? [] : ['', '  Kept by restores', ...keptLines(kept, now).map((line) => `    ${line}`)]
  const data = {
    project: project.project,
    environment: project.environment,
    ...(facts as unknown as JsonRecord),
    backupKinds: facts.backups.ok ? kindRows(project, facts.backups.value, now) : null,
    kept,
  }
  return { exit: EXIT.done, data, lines: [...statusLines(project, facts), ...keptBlock] }
}

/** Each kind by its last proven backup; `ageMs` is that one's. */
function kindRows(project: Project, backups: readonly ListedBackup[], now: Date): JsonRecord[] {
  return summarize(backups, now).map((summary) => {
    const { kind, count, newest, proven } = summary
    const { says } = verdictOf(summary, project.backups[kind]?.freshMs ?? null, now)
    return {
      kind,
      count,
      newest: newest.id,
      proven: proven?.id ?? null,
      ageMs: proven === null ? null : now.getTime() - Date.parse(proven.at),
      proof: proven?.rung ?? null,
      provenAt: proven?.provenAt ?? null,
      says,
    }
  })
}
