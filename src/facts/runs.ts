import type { RunSummary } from '../core/facts.ts'
import { listRuns } from '../run/summary.ts'

/** The runs of this clone, newest first. */
export async function observeRuns(root: string): Promise<RunSummary[]> {
  return (await listRuns(root)).toSorted((a, b) => b.startedAt.localeCompare(a.startedAt))
}
