import { resolve } from 'node:path'
import { held, messageOf, StepFailed } from '../core/failure.ts'
import type { CallRegistry, Io } from '../core/plan.ts'
import { runHost } from './host-cli.ts'

/** How the Convex CLI is called. `dir` is relative to what was built; `token` names the variable with the deploy key. */
export type ConvexTold = {
  deployment: string
  dir: string
  allow: string[]
  command: string[]
  token: string
  idleMs: number
  timeoutMs: number
}

type Told = { told: ConvexTold }

const UNASKED = 'when that change is meant, add large-indexes or unstaging-schema to allow'

/** The words of a push. Production is what the key says: the CLI knows no `--prod` here. */
export function convexDeployArgs({ command, allow }: ConvexTold): string[] {
  const flags = { 'large-indexes': '--skip-large-indexes-check', 'unstaging-schema': '--allow-unstaging-schema' }
  return [
    ...command,
    'deploy',
    '-y',
    ...Object.entries(flags).flatMap(([name, flag]) => (allow.includes(name) ? [flag] : [])),
  ]
}

/** The deployment a deploy key is for; null for a key that names no production deployment. */
function deploymentOf(key: string): string | null {
  return /^prod:([A-Za-z0-9][A-Za-z0-9-]*)\|/.exec(key)?.[1] ?? null
}

/** What the steps of the convex target name. */
export const convexTargetCalls = {
  'convex.push': async ({ told, dir }: Told & { dir: string }, io: Io) => {
    const key = io.secret(told.token)
    const wrong = keyProblem(told, () => key)
    if (wrong !== null)
      throw held(`This would not deploy to ${told.deployment}`, wrong, [`Set ${told.token}, or correct deployment.`])
    const { idleMs, timeoutMs } = told
    const argv = convexDeployArgs(told)
    const env = { CONVEX_DEPLOY_KEY: key }
    try {
      await runHost(
        { argv, cwd: resolve(io.root, dir, told.dir), env, told: true, unasked: UNASKED, idleMs, timeoutMs },
        io,
      )
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error
      const misfit = error.output.find((line) => /schema validation failed|does not match the schema/i.test(line))
      if (misfit === undefined) throw error
      const why = `the schema does not fit the data that ${told.deployment} holds, and nothing was changed`
      throw new StepFailed('convex', `${why}: ${misfit.trim()}`, error.output)
    }
    return { pushed: true }
  },

  // A push is one change at the host, and the same one again changes nothing.
  'convex.pushed': async ({ pushed }: { pushed: boolean | null }) => {
    if (pushed === true) return { state: 'done', saw: { pushed }, gives: { pushed } }
    return { state: 'absent', saw: { because: 'pushing again is the same' } }
  },

  'convex.unpush': async ({ told, pushed }: Told & { pushed: boolean | null }) => {
    if (pushed !== true) return { pushed: false }
    const why = `${told.deployment} keeps the functions it was given: Convex has no rollback`
    throw new StepFailed('convex', `${why}, release the earlier commit instead`)
  },
} satisfies CallRegistry

/** Why a key does not fit; null when it does. */
export function keyProblem(
  told: Pick<ConvexTold, 'deployment' | 'token'>,
  read: (name: string) => string,
): string | null {
  try {
    const found = deploymentOf(read(told.token))
    if (found === told.deployment) return null
    return found === null
      ? `${told.token} is no key of a production deployment`
      : `${told.token} is the key of ${found}`
  } catch (error) {
    return messageOf(error)
  }
}
