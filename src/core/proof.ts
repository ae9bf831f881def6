import type { BackupRecord, Proof, Rung } from './backup.ts'

const LADDER: readonly Rung[] = ['found', 'hashed', 'readable', 'restored']

/**
 * `provenAt` is when all of it last reached `rung`: what was looked at less deeply since makes no proof younger.
 * `failed` is why the newest attempt at some part failed; null when none did.
 */
export type Proven = { rung: Rung; provenAt: string | null; failed: string | null }

/** Negative, zero or positive, as for a sort: how far up the ladder one rung is from another. */
export function compareRungs(a: Rung, b: Rung): number {
  return LADDER.indexOf(a) - LADDER.indexOf(b)
}

/** As a proof's `part`: all of the backup was looked at at once. */
export const WHOLE = '*'

/**
 * What has been proven about a backup as it is now: the lowest rung of its parts. A proof names a part by its
 * path or its source. Proofs of another digest are void.
 * A failed proof takes everything back until a later one passes. `proofs` stand in the order they were written: a clock that
 * was ahead once must not outlive what was found since.
 */
export function proven(record: Pick<BackupRecord, 'digest' | 'parts' | 'bytes'>, proofs: readonly Proof[]): Proven {
  const digest = provenDigest(record, proofs)
  const valid = proofs.filter((proof) => digest !== '' && proof.digest === digest)
  // A record without parts is its own part; then whatever was proven about it counts.
  const parts =
    record.parts.length === 0
      ? [...new Set(valid.map((proof) => proof.part))].map((name) => [name])
      : record.parts.map((part) => [part.path, part.source])
  const found = parts.map((names) => ofPart(valid.filter(({ part }) => part === WHOLE || names.includes(part))))
  const rung = LADDER.findLast((each) => found.length > 0 && found.every(({ dates }) => dates.has(each))) ?? 'found'
  const dates = found.flatMap((part) => part.dates.get(rung) ?? [])
  const oldest = dates.toSorted((a, b) => Date.parse(a) - Date.parse(b))[0] ?? null
  return { rung, provenAt: oldest, failed: found.find((part) => part.failed !== null)?.failed ?? null }
}

/**
 * The digest proofs of a backup refer to: its record's. A file that was found has no record; then that of its newest
 * hash, as long as the file still has as many bytes. Empty when there is neither.
 */
function provenDigest(record: Pick<BackupRecord, 'digest' | 'bytes'>, proofs: readonly Proof[]): string {
  if (record.digest !== '') return record.digest
  const newest = proofs.findLast(({ rung, counts }) => rung === 'hashed' && counts?.['bytes'] !== undefined)
  return newest?.counts?.['bytes'] === record.bytes ? newest.digest : ''
}

/** When each rung was last reached by one part; a higher one counts for those below it. */
type Climbed = { dates: ReadonlyMap<Rung, string>; failed: string | null }

function ofPart(proofs: readonly Proof[]): Climbed {
  const dates = new Map<Rung, string>()
  let failed: string | null = null
  for (const { passed, rung, at, because } of proofs) {
    failed = passed ? null : (because ?? `${rung} failed`)
    if (!passed) dates.clear()
    else for (let step = LADDER.indexOf(rung); step > 0; step -= 1) dates.set(LADDER[step] ?? rung, at)
  }
  return { dates, failed }
}
