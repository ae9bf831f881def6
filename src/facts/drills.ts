import { type DrillFacts, drillsDue } from '../core/drill.ts'
import type { Project } from '../core/project.ts'
import { readDrills } from '../records/drill-log.ts'
import { now } from '../world/clock.ts'

/** When each drill was last passed and is due again. */
export async function observeDrills({ root, drills }: Project): Promise<DrillFacts[]> {
  const every = { spot: drills.spot.everyMs, full: drills.full.everyMs }
  return drillsDue(every, await readDrills(root), now())
}
