import { age, stretch } from '../core/age.ts'
import type { DrillFacts } from '../core/drill.ts'
import { EXIT } from '../core/failure.ts'
import type { JsonRecord } from '../core/json.ts'
import { observeDrills } from '../facts/drills.ts'
import { readDrills } from '../records/drill-log.ts'
import { table } from '../report/table.ts'
import type { RunCommand } from './command.ts'

/** `knowngood drill status`: when each drill was last passed, how long it took, and when the next is due. */
export const run: RunCommand = async (context) => {
  const project = await context.project()
  const [drills, lines] = await Promise.all([observeDrills(project), readDrills(project.root)])
  const now = context.now()
  const rows = drills.map((drill) => {
    const last = lines.findLast((line) => line.kind === drill.kind && line.passed)
    const took = last === undefined ? '' : `recovery ${(last.ms / 1000).toFixed(1)} s`
    return [
      drill.kind,
      drill.lastAt === null ? 'never passed' : `passed ${age(drill.lastAt, now)}`,
      dueWords(drill, now),
      took,
    ]
  })
  const data = { drills: drills as unknown as readonly JsonRecord[], runs: lines as unknown as readonly JsonRecord[] }
  return { exit: EXIT.done, data, lines: table(rows) }
}

function dueWords({ dueAt, overdueMs }: DrillFacts, now: Date): string {
  if (dueAt === null) return 'due now'
  return overdueMs > 0 ? `${stretch(overdueMs)} overdue` : `due ${age(dueAt, now)}`
}
