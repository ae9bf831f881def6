import { join } from 'node:path'
import type { Json, JsonRecord } from '../../core/json.ts'
import type { Step } from '../../core/plan.ts'
import type { RestoreContext, RestoreSteps } from '../../core/plug-in.ts'
import { call, step } from '../../core/step.ts'
import { onlyPart } from '../beside.ts'
import { askArgs, exportArgs, importArgs } from './cli.ts'
import type { Told } from './cli.ts'

/** A checked copy beside, then its import over what production holds; an export made right before is kept. */
export function restoreSteps(told: Told, context: RestoreContext): RestoreSteps {
  const { ids, name, parts, run, to } = context
  const { file, part } = onlyPart(name, parts)
  const place = to.live ? keptAt(run, `${name}.new`) : join(to.dir, `${name}.zip`)
  const was = { $: 'was' }
  const looked = [['ls', '-l', place]]
  const remove = (free: JsonRecord) =>
    call('convex.drop', { place, was: free }, `remove ${place}`, [['rm', '-f', place]])
  const beside = step(
    ids.beside,
    `Check ${name} beside`,
    [
      call('convex.beside', { name, file, part, place, was }, `copy to ${place} and count its documents`, [
        ['cp', file, place],
        ['unzip', '-tq', place],
      ]),
    ],
    {
      detail: place,
      effect: 'local',
      capture: call('convex.look', { place }, `whether ${place} is free`, looked),
      gives: ['counts', 'place', 'content'],
      probe: call('convex.beside-probe', { part, place, was }, `whether ${place} is whole`, looked),
      undo: [remove(was)],
      stop: 'anytime',
      expect: { bytes: part.bytes },
    },
  )
  const drop = step(ids.drop, `Remove the copy of ${name}`, [remove({ free: true })], {
    effect: 'local',
    probe: call('convex.drop-probe', { place }, `whether ${place} is gone`, looked),
  })
  const swap = to.live
    ? importStep(ids.swap, `Swap ${name} in`, told, { run, from: { $: `${ids.beside}.content` }, place })
    : null
  return { beside, swap, drop }
}

/** Imports an export into production, keeping what stands there as an export of its own. */
export function importStep(
  id: string,
  title: string,
  told: Told,
  { run, from, place }: { run: string; from: Json; place: string },
): Step {
  const { deployment } = told
  const keep = keptAt(run, told.name)
  const input = { told, from, was: { $: 'was' }, keep }
  const hand = [askArgs(told), exportArgs(told, keep), importArgs(told, place)]
  return step(
    id,
    title,
    [call('convex.import', input, `import ${place} into the deployment ${deployment}`, hand.slice(2))],
    {
      detail: `deployment ${deployment}`,
      effect: 'destroys',
      capture: call(
        'convex.before',
        { told, keep },
        `export the deployment ${deployment} to ${keep}`,
        hand.slice(0, 2),
      ),
      gives: ['kept'],
      probe: call('convex.import-probe', input, `what the deployment ${deployment} holds`, [
        exportArgs(told, 'live.zip'),
      ]),
      undo: [
        call('convex.import-back', input, `import ${keep} into the deployment ${deployment} again`, [
          importArgs(told, keep),
        ]),
      ],
    },
  )
}

function keptAt(run: string, name: string): string {
  return join('.knowngood/undo', run, `${name}.zip`)
}
