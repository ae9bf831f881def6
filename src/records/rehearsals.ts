import { join } from 'node:path'
import { now } from '../world/clock.ts'
import { appendLine, readText } from '../world/files.ts'

/** A line of `backups/rehearsals.jsonl`: how long the whole chain took with this baseline, ms. `at` is ISO 8601 UTC. */
export type Rehearsal = { baseline: string; digest: string; at: string; ms: number }

const fileOf = (root: string) => join(root, 'backups', 'rehearsals.jsonl')

/** Adds one line to backups/rehearsals.jsonl, dated now. */
export async function noteRehearsal(root: string, rehearsal: Omit<Rehearsal, 'at'>): Promise<void> {
  await appendLine(fileOf(root), JSON.stringify({ ...rehearsal, at: now().toISOString() }))
}

/** The newest rehearsal of each baseline as it is now (by digest), by the baseline's id. */
export async function lastRehearsals(root: string): Promise<Map<string, Rehearsal>> {
  const found = new Map<string, Rehearsal>()
  for (const line of ((await readText(fileOf(root))) ?? '').split('\n')) {
    try {
      const value = JSON.parse(line) as Partial<Rehearsal>
      if (typeof value.baseline === 'string' && typeof value.ms === 'number')
        found.set(value.baseline, value as Rehearsal)
    } catch {
      // A torn line says nothing.
    }
  }
  return found
}
