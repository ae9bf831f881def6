import { z } from 'zod'
import type { Mirror } from '../core/plug-in.ts'
import { mirrorCheck, mirrorFacts } from './look.ts'
import { heldIn, resticCalls } from './restic-calls.ts'
import { checkStep, dropStep, putStep, told } from './steps.ts'

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
  doctor: (o, { signal }) =>
    mirrorCheck(
      o.to,
      (why) =>
        why.includes('restic unlock')
          ? `See that nobody works on it, then: restic -r ${o.to} unlock`
          : 'Make it once: restic init, with the same variables',
      async () => {
        await heldIn(o, '', signal)
        return `${o.to} opens with ${o.password}`
      },
    ),
  observe: (o, { below, signal }) =>
    mirrorFacts(`Look at it: restic -r ${o.to} snapshots`, async () => ({
      free: null,
      holds: await heldIn(o, below, signal),
    })),
  calls: resticCalls,
  put: (o, put) =>
    putStep(
      told('restic', o, put.id, [['restic', '-r', o.to, 'backup', '--tag', put.about.id, '--', `<${put.about.id}>`]]),
      put,
    ),
  check: (o, { id, held }) => checkStep(told('restic', o, id, [['restic', '-r', o.to, 'check', '--read-data']]), held),
  drop: (o, { id, held }) =>
    dropStep(told('restic', o, id, [['restic', '-r', o.to, 'forget', '--tag', held.id]]), held),
}
