import { dirname } from 'node:path'
import { sha256File } from '../archive/checksum.ts'
import type { Part } from '../core/backup.ts'
import { StepFailed } from '../core/failure.ts'
import type { JsonRecord } from '../core/json.ts'
import type { Io } from '../core/plan.ts'
import type { StoredPart } from '../core/plug-in.ts'
import { copyNew, exists, makeFolder, refuseSymlink } from '../world/files.ts'
import { removeTree } from '../world/remove-tree.ts'

/** The only part a source of one file has. Throws when the backup holds another number of them. */
export function onlyPart(name: string, parts: readonly StoredPart[]): StoredPart {
  const [only, ...more] = parts
  if (only === undefined || more.length > 0)
    throw new Error(`${name} is ${parts.length} parts in this backup, and one was expected`)
  return only
}

/** What stood at a place before anything was put there; a restore never writes over it, and its undo leaves it alone. */
export async function lookFree(place: string): Promise<{ free: boolean }> {
  return { free: !(await exists(place)) }
}

/** A StepFailed when something stands at the place; a planted link is one of the things that may. */
export function mustBeFree(source: string, place: string, was: { free: boolean } | null): void {
  if (was?.free !== true) throw new StepFailed(source, `${place} is taken already, and is left as it is`)
}

/**
 * Copies a backup's file to a free place (0600), and throws a StepFailed unless the copy has the bytes that are recorded:
 * the file may have rotted, or been exchanged.
 */
export async function putCopy(source: string, from: string, part: Part, to: string, io: Io): Promise<void> {
  await makeFolder(dirname(to))
  await refuseSymlink(from)
  await copyNew(from, to, 0o600)
  if ((await sha256File(to, (done, total) => io.bytes(done, total), io.signal)) === part.sha256) return
  throw new StepFailed(source, `${from} is damaged: it is not the ${part.bytes} bytes that were recorded`)
}

/** Whether a copy stands whole at a place. */
export async function seenCopy(place: string, part: Part, io: Io): Promise<JsonRecord> {
  if (!(await exists(place))) return { state: 'absent', saw: null }
  const whole = (await sha256File(place, undefined, io.signal).catch(() => null)) === part.sha256
  return { state: whole ? 'done' : 'partial', saw: { whole } }
}

/** Removes what was put at a place that was free. */
export async function dropPlace(place: string, was: { free: boolean } | null): Promise<void> {
  if (was?.free === true) await removeTree(place)
}

/** For `drop` and its like: done when nothing stands at the place any more. */
export async function seenGone(place: string): Promise<JsonRecord> {
  return { state: (await exists(place)) ? 'absent' : 'done', saw: null }
}
