import { StepFailed } from '../core/failure.ts'
import type { Part } from '../core/backup.ts'
import { lastOf } from './captured.ts'

type Counts = Readonly<Record<string, number>>

/** Throws a StepFailed that names the first difference between what was counted when it was captured and what is there now. */
export function mustHold(source: string, expected: Counts | undefined, found: Counts): void {
  if (expected === undefined) return
  for (const name of new Set([...Object.keys(expected), ...Object.keys(found)])) {
    const [before, present] = [own(expected, name), own(found, name)]
    if (before === present) continue
    const says =
      present === null
        ? 'is missing'
        : before === null
          ? 'should not be there'
          : `holds ${n(present)}, not ${n(before)}`
    throw new StepFailed(source, `what came out is not what was captured: ${name} ${says}`)
  }
}

/** Doubts about a capture: what held something the last time and now is empty or gone, in words. `what` is "rows" or "keys". */
export function emptied(part: Part, last: readonly Part[] | null, what = 'rows'): string[] {
  const before = lastOf(part, last)?.counts
  return Object.entries(before ?? {}).flatMap(([name, rows]) => {
    const present = own(part.counts ?? {}, name)
    if (rows === 0 || (present ?? 0) > 0) return []
    return [`${name} ${present === null ? 'is gone' : 'went empty'} (was ${n(rows)} ${what})`]
  })
}

function own(counts: Counts, name: string): number | null {
  return Object.hasOwn(counts, name) ? (counts[name] ?? null) : null
}

function n(value: number): string {
  return value.toLocaleString('en')
}
