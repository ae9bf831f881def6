import { UserError } from '../core/failure.ts'
import type { KeptSwap } from '../plans/restore-undo.ts'
import { readRun } from '../run/inspect.ts'

/** What a restore's swaps took out and kept, by its journal. Throws a UserError when the run is none that swapped. */
export async function keptBy(root: string, run: string): Promise<{ of: string; kept: KeptSwap[] }> {
  const { plan, steps } = await readRun(root, run)
  if (!['restore', 'rollback', 'emergency', 'drill'].includes(plan.op))
    throw new UserError(`${run} is no restore`, `it is a ${plan.op}`, ['knowngood audit lists what was restored.'])
  const uses = new Map((plan.names['sources'] ?? '').split(' ').map((pair) => splitAt(pair)))
  const done = [...steps.values()].filter(({ state }) => state === 'done').toSorted((a, b) => a.seq - b.seq)
  const kept = done.flatMap(({ id, gives }) => {
    const name = /^(?:swap|back)\.(.+)$/.exec(id)?.[1]
    const stood = gives['kept'] ?? null
    return name === undefined || stood === null ? [] : [{ name, use: uses.get(name) ?? '', kept: stood }]
  })
  return { of: plan.names['id'] ?? '', kept }
}

function splitAt(pair: string): [string, string] {
  const at = pair.lastIndexOf('=')
  return [pair.slice(0, at), pair.slice(at + 1)]
}
