import { z } from 'zod'
import { reasonOf } from '../core/failure.ts'
import type { JsonRecord } from '../core/json.ts'

import { known, unknown } from '../core/known.ts'
import type { Mirror } from '../core/plug-in.ts'
import { now } from '../world/clock.ts'
import { heldIn, resticCalls } from './restic-calls.ts'
import { checkStep, dropStep, putStep } from './steps.ts'

const variable = z.string().regex(/^\$[A-Za-z_][A-Za-z0-9_]*$/, {
  error: 'is the name of a variable, such as $RESTIC_PASSWORD; never the value',
})

const options = z.strictObject({
  to: z
    .string()
    .min(1)
    .refine((to) => !/:\/\/[^/]*:[^/]*@/.test(to), {
      error: 'holds a password; name a variable, such as $RESTIC_REPOSITORY',
    })
    .describe('The repository, or the variable that names it.'),
  password: variable.default('$RESTIC_PASSWORD').describe('The variable that holds its password.'),
})

export type ResticOptions = z.infer<typeof options>

/** A restic repository: deduplicated, encrypted, on any storage restic speaks to. It must have been made before. */
export const restic: Mirror<ResticOptions> = {
  use: 'restic',
  says: 'A restic repository: deduplicated and encrypted, on any storage.',
  options,
  where: (o) => o.to,
  detect: async () => [],
  doctor: async (o, { signal }) => {
    const id = `mirror.${o.to}`
    try {
      await heldIn(o, '', signal)
      return [{ id, ok: true, says: `${o.to} opens with ${o.password}`, fix: '' }]
    } catch (error) {
      return [{ id, ok: false, says: reasonOf(error), fix: 'Make it once: restic init, with the same variables' }]
    }
  },
  observe: async (o, { below, signal }) => {
    const at = now().toISOString()
    try {
      return known({ free: null, holds: await heldIn(o, below, signal) }, at)
    } catch (error) {
      return unknown(reasonOf(error), `Look at it: restic -r ${o.to} snapshots`, at)
    }
  },
  calls: resticCalls,
  put: (o, put) =>
    putStep(told(o, put.id, [['restic', '-r', o.to, 'backup', '--tag', put.about.id, '--', `<${put.about.id}>`]]), put),
  check: (o, { id, held }) => checkStep(told(o, id, [['restic', '-r', o.to, 'check', '--read-data']]), held),
  drop: (o, { id, held }) => dropStep(told(o, id, [['restic', '-r', o.to, 'forget', '--tag', held.id]]), held),
}

function told(o: ResticOptions, id: string, byHand: string[][]) {
  return { use: 'restic', id, where: o.to, options: o as unknown as JsonRecord, byHand }
}
