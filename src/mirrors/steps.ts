import type { JsonRecord } from '../core/json.ts'
import type { Arg, Step } from '../core/plan.ts'
import type { MirrorHeld, MirrorPut } from '../core/plug-in.ts'
import { call, step } from '../core/step.ts'

/** What a mirror's steps say of it: `where` it copies to, and the same work `byHand`. */
type Told = { use: string; id: string; where: string; options: JsonRecord; byHand: Arg[][] }

/** The same for a mirror's options, whose `to` is where it copies to. */
export function told(use: string, options: { to: string }, id: string, byHand: Arg[][]): Told {
  return { use, id, where: options.to, options, byHand }
}

const again = call('again.probe', {}, 'it may be done again')

/** Copying one backup. A copy that is cut goes on where it stopped; half of one does not count. */
export function putStep({ use, id, where, options, byHand }: Told, { copy, about }: MirrorPut): Step {
  const says = `copy ${about.id} to ${where}, and read it back`
  return step(id, `Copy ${about.id}`, [call(`${use}.put`, { options, copy }, says, byHand)], {
    detail: where,
    effect: 'outward',
    gives: ['bytes'],
    probe: again,
    stop: 'anytime',
    onFail: 'owe',
    expect: { bytes: about.bytes },
  })
}

/** Reading one copy back. */
export function checkStep({ use, id, where, options, byHand }: Told, held: MirrorHeld): Step {
  const bytes = held.files.reduce((sum, file) => sum + file.bytes, 0)
  const says = `read ${held.id} back from ${where} and compare every byte`
  return step(id, `Read ${held.id} back`, [call(`${use}.check`, { options, held }, says, byHand)], {
    detail: where,
    gives: ['bytes'],
    stop: 'anytime',
    onFail: 'owe',
    expect: { bytes },
  })
}

/** Removing one copy that the mirror wrote. */
export function dropStep({ use, id, where, options, byHand }: Told, held: MirrorHeld): Step {
  const says = `remove the copy of ${held.id} from ${where}`
  return step(id, `Remove ${held.id}`, [call(`${use}.drop`, { options, held }, says, byHand)], {
    detail: where,
    effect: 'destroys',
    gives: ['removed'],
    probe: again,
    onFail: 'owe',
  })
}
