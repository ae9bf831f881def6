import { EXIT, held } from '../core/failure.ts'
import { table } from '../report/table.ts'
import type { RunCommand } from './command.ts'

/** `knowngood releases`: the release records, newest first. */
export const run: RunCommand = async (context) => {
  const facts = await context.facts({ only: ['releases'] })
  if (!facts.releases.ok) throw held("Can't read the release records", facts.releases.because, [facts.releases.fix])
  const rows = facts.releases.value
  const lines = table(
    rows.map((row) => [
      row.recordedAt,
      row.tag ?? '',
      row.version ?? '',
      row.deploymentType,
      row.outcome,
      row.commitSha.slice(0, 7),
      row.operator ?? '',
    ]),
  )
  return { exit: EXIT.done, data: { releases: rows }, lines: lines.length > 0 ? lines : ['Nothing recorded yet.'] }
}
