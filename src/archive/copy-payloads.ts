import { hash } from 'node:crypto'
import type { PackItem } from './pack-job.ts'
import { fill } from './read-settled.ts'

/** What lies between two payloads is read along with them: a header and a name, seldom more. */
const GAP = 4_096
const LONGEST = 4 << 20

type Wanted = { index: number; at: number; end: number; sha256: string }

/**
 * `copies`: the packed bytes of those members that can be copied from the earlier archive, by their place in the list, read in long runs. What cannot be read,
 * or does not agree with its SHA-256, is missing. `runs` is the memory they stand in.
 */
export function copyPayloads(
  from: number | null,
  items: readonly PackItem[],
): { copies: Map<number, Uint8Array>; runs: Uint8Array[] } {
  const copies = new Map<number, Uint8Array>()
  const read: Uint8Array[] = []
  if (from === null) return { copies, runs: read }
  const wanted = items.flatMap(({ copy }, index): Wanted[] =>
    copy === null ? [] : [{ index, at: copy.at, end: copy.at + copy.packed, sha256: copy.sha256 }],
  )
  for (const run of runs(wanted)) {
    const start = run[0]?.at ?? 0
    const bytes = readRun(from, start, (run.at(-1)?.end ?? start) - start)
    read.push(bytes)
    for (const { index, at, end, sha256 } of run) {
      const payload = bytes.subarray(at - start, end - start)
      if (payload.length === end - at && hash('sha256', payload) === sha256) copies.set(index, payload)
    }
  }
  return { copies, runs: read }
}

function runs(wanted: readonly Wanted[]): Wanted[][] {
  const found: Wanted[][] = []
  for (const one of wanted.toSorted((a, b) => a.at - b.at)) {
    const run = found.at(-1)
    const before = run?.at(-1)
    const near = before !== undefined && one.at - before.end <= GAP && one.end - (run?.[0]?.at ?? 0) <= LONGEST
    if (near) run?.push(one)
    else found.push([one])
  }
  return found
}

function readRun(from: number, start: number, length: number): Uint8Array {
  try {
    const bytes = Buffer.allocUnsafeSlow(length)
    return bytes.subarray(0, fill(from, bytes, start))
  } catch {
    // A bad sector: its members are packed again.
    return Buffer.alloc(0)
  }
}
