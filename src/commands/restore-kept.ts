import { relative } from 'node:path'
import { held, UserError } from '../core/failure.ts'
import { statePaths } from '../core/paths.ts'
import type { KeptSwap } from '../plans/restore-undo.ts'
import { readRun } from '../run/inspect.ts'
import { listRuns } from '../run/summary.ts'
import { exists } from '../world/files.ts'

export const RESTORES: readonly string[] = ['restore', 'rollback', 'emergency', 'drill']

/** `of` is the backup that was restored; `undoes` the run that was swapped back; `forgotten`: what was kept has been removed. */
export type KeptBy = { of: string; kept: KeptSwap[]; undoes: string | null; forgotten: boolean; ended: boolean }

/** What a restore's swaps took out and kept, by its journal. Throws a UserError when the run is none that swapped. */
export async function keptBy(root: string, run: string): Promise<KeptBy> {
  const { plan, steps, end } = await readRun(root, run)
  if (!RESTORES.includes(plan.op))
    throw new UserError(`${run} is no restore`, `it is a ${plan.op}`, ['knowngood audit lists what was restored.'])
  const uses = new Map((plan.names['sources'] ?? '').split(' ').map((pair) => splitAt(pair)))
  const done = [...steps.values()].filter(({ state }) => state === 'done').toSorted((a, b) => a.seq - b.seq)
  const kept = done.flatMap(({ id, gives }) => {
    const name = /^(?:swap|back)\.(.+)$/.exec(id)?.[1]
    const stood = gives['kept'] ?? null
    return name === undefined || stood === null ? [] : [{ name, use: uses.get(name) ?? '', kept: stood }]
  })
  const undoes = typeof plan.request['undo'] === 'string' ? plan.request['undo'] : null
  const forgotten = await exists(statePaths(root).forgotten(run))
  return { of: plan.names['id'] ?? '', kept, undoes, forgotten, ended: end !== null }
}

/** The same for a run that is to be swapped back. Held when what it kept has been removed, or is live again already. */
export async function keptToUndo(root: string, run: string): Promise<KeptBy> {
  const found = await keptBy(root, run)
  const by = await swappedBackBy(root, run)
  if (by !== null)
    throw held(`${run} is swapped back already`, `what it kept was made live again by ${by}`, [
      `To undo that in turn: knowngood restore --undo ${by}`,
    ])
  if (!found.forgotten) return found
  throw held(`${run} cannot be swapped back`, 'what it kept was removed by restore --forget', [
    'Restore its snapshot instead: knowngood restore lists it as pre-restore-…',
  ])
}

/** The run that made live again what this one had replaced; null while none has. */
async function swappedBackBy(root: string, run: string): Promise<string | null> {
  for (const { id, op, state } of await listRuns(root)) {
    if (op !== 'restore' || state !== 'ended') continue
    const other = await keptBy(root, id).catch(() => null)
    if (other?.undoes === run && other.kept.length > 0) return id
  }
  return null
}

/** The same for a run whose copies are to be removed, and the folder the rest of them lies in, relative to the root. */
export async function keptToForget(root: string, run: string): Promise<KeptBy & { folder: string }> {
  const found = await keptBy(root, run)
  if (!found.ended && !found.forgotten)
    throw held(`What ${run} kept stays`, 'that run has not ended', [`Settle it first: knowngood resume ${run}`])
  return { ...found, folder: relative(root, statePaths(root).undo(run)) }
}

function splitAt(pair: string): [string, string] {
  const at = pair.lastIndexOf('=')
  return [pair.slice(0, at), pair.slice(at + 1)]
}
