import { z } from 'zod'
import { KINDS } from '../core/kinds.ts'
import { known } from '../core/known.ts'
import type { Check, Source } from '../core/plug-in.ts'
import { shellWord } from '../core/shell.ts'
import { call, step } from '../core/step.ts'
import { now } from '../world/clock.ts'
import { looksSecret } from '../world/secrets.ts'
import { captureStep } from './captured.ts'
import { ENVIRONMENT, environmentCalls } from './environment-calls.ts'
import { pm2Processes } from '../world/pm2.ts'

const variable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'is the name of a variable' })
  .refine((name) => !looksSecret(name), { error: 'looks like a secret by its name; secrets are never recorded' })

const options = z.strictObject({
  variables: z.array(variable).default([]).describe('Variables whose values are recorded. Secrets never are.'),
  pm2: z
    .union([z.literal(true), z.literal('auto')])
    .default('auto')
    .describe('Record the PM2 processes: always, or where PM2 is running.'),
})

type Options = z.infer<typeof options>

/** What the code ran in: it always exists, and is only ever read again by people. */
export const environment: Source<Options> = {
  use: 'environment',
  says: 'What the code runs in: Node, npm, the system, tools, PM2 processes and chosen variables, never a secret.',
  holds: 'facts',
  options,
  // It exists without being named.
  detect: async () => [],
  doctor: async (o, place) => {
    const unset = o.variables.filter((name) => process.env[name] === undefined)
    const checks: Check[] = unset.map((name) => ({
      id: `environment.${name}`,
      ok: false,
      says: `${name} is not set here`,
      fix: `Set ${name}, or take it out of the environment's variables.`,
    }))
    return o.pm2 === true ? [...checks, await pm2Check(place.signal)] : checks
  },
  observe: async () => ({ schema: known(null, now().toISOString()), detail: { node: process.versions.node } }),
  calls: environmentCalls,
  capture: (o, context) => {
    if (KINDS[context.kind].shape !== 'folder') return null
    return captureStep('environment', context, {
      title: 'environment',
      detail: 'versions, PM2 processes, chosen variables',
      paths: [ENVIRONMENT],
      input: { variables: o.variables, pm2: o.pm2, at: context.at },
      says: 'write down what the code runs in, secrets left out',
      byHand: [
        ['node', '--version'],
        ['npm', '--version'],
        ['uname', '-a'],
        ...(o.pm2 === true ? [['pm2', 'list']] : []),
      ],
    })
  },
  readable: (_, { id, part, file }) => {
    const says = `read ${part.path}`
    return step(id, part.path, [call('environment.readable', { file }, says, [['cat', file]])], {
      gives: ['counts'],
      stop: 'anytime',
    })
  },
  restore: () => null,
  back: () => {
    throw new Error('an environment is described, never restored')
  },
  manual: (_, part) => [`cat -- ${shellWord(part.path)}`],
}

async function pm2Check(signal: AbortSignal | undefined): Promise<Check> {
  const seen = await pm2Processes({ signal }).then(
    (processes) => processes,
    () => null,
  )
  if (seen === null)
    return {
      id: 'environment.pm2',
      ok: false,
      says: 'PM2 does not answer',
      fix: 'Start it (pm2 ping), or set pm2: auto.',
    }
  return { id: 'environment.pm2', ok: true, says: `PM2 runs ${seen.length} processes`, fix: '' }
}
