import { z } from 'zod'
import { known } from '../core/known.ts'
import type { DeployContext, Detected, RepoView, Target } from '../core/plug-in.ts'
import type { Step } from '../core/plan.ts'
import { call } from '../core/step.ts'
import { now } from '../world/clock.ts'
import { missingProgram } from '../world/programs.ts'
import { secretValue } from '../world/secrets.ts'
import { convexDeployArgs, convexTargetCalls, keyProblem } from './convex-calls.ts'
import type { ConvexTold } from './convex-calls.ts'
import { commandOption, hostOptions, insideOption } from './options.ts'

const options = z.strictObject({
  deployment: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,99}$/, { error: 'is the name of a deployment, such as happy-sturgeon-123' })
    .describe('The production deployment. A deploy key of another one is refused before anything is pushed.'),
  dir: insideOption.default('.').describe('The folder whose package.json has convex, relative to what was built.'),
  allow: z
    .array(z.enum(['large-indexes', 'unstaging-schema']))
    .default([])
    .describe('What the CLI would ask about: changes to indexes of large tables, and dropping a staged schema.'),
  ...hostOptions('CONVEX_DEPLOY_KEY'),
  command: commandOption('npx', 'convex').describe('How the Convex CLI is called.'),
})

type Options = z.infer<typeof options>

/** Convex functions and schema, by the project's own CLI. The host has no rollback: going back pushes the earlier code. */
export const convex: Target<Options> = {
  use: 'convex',
  says: 'Pushes functions and schema to a Convex deployment; going back pushes the earlier ones.',
  options,
  detect: async (repo) => {
    const named = await repo.glob('**/convex.json')
    for (const path of [...(await repo.glob('**/convex/schema.ts')), ...named]) {
      const dir = path.replace(/(?:^|\/)convex(?:\/schema\.ts|\.json)$/, '') || '.'
      if (/(?:^|\/)node_modules\//.test(path) || !insideOption.safeParse(dir).success) continue
      return [await detected(repo, path, dir)]
    }
    return []
  },
  doctor: async (o, place) => {
    const program = o.command[0] ?? ''
    const missing = await missingProgram(program, place.root)
    const wrong = keyProblem(o, secretValue)
    return [
      {
        id: 'convex.command',
        ok: missing === null,
        says: missing ?? `${program} is there`,
        fix: missing === null ? '' : 'Install it: npm install convex; or correct command.',
      },
      {
        id: 'convex.credential',
        ok: wrong === null,
        says: wrong ?? `${o.token} is a key of ${o.deployment}`,
        fix:
          wrong === null
            ? ''
            : `Set ${o.token}: a production deploy key from the dashboard's settings of ${o.deployment}`,
      },
    ]
  },
  // The host lists no deploys and names no commit.
  observe: async () => known({ settled: true, live: null, deployId: null }, now().toISOString()),
  calls: convexTargetCalls,
  deploy: (o, context) => step(o, context),
  back: (o, context) => step(o, context),
}

function step(o: Options, context: DeployContext): Step {
  const told = toldOf(o)
  const pushed = { $: `${context.id}.pushed` }
  const push = convexDeployArgs(told)
  return {
    id: context.id,
    title: 'convex',
    detail: o.deployment,
    effect: 'outward',
    fence: true,
    actions: [call('convex.push', { told, dir: context.dir }, `push functions and schema to ${o.deployment}`, [push])],
    gives: ['pushed'],
    probe: call('convex.pushed', { pushed }, 'whether it was pushed; pushing again is the same'),
    undo: [
      call('convex.unpush', { told, pushed }, `push the functions of the commit before to ${o.deployment}`, [
        ['git', 'checkout', '<the commit before>'],
        push,
      ]),
    ],
    stop: 'before',
    onFail: 'undo',
  }
}

function toldOf({ idle, timeout, ...rest }: Options): ConvexTold {
  return { ...rest, idleMs: idle * 1000, timeoutMs: timeout * 1000 }
}

/** Which deployment is production, convex.json says, where it says anything. */
async function detected(repo: RepoView, where: string, dir: string): Promise<Detected<Options>> {
  const text = (await repo.read(dir === '.' ? 'convex.json' : `${dir}/convex.json`)) ?? ''
  const name = /"prodUrl"\s*:\s*"https:\/\/([a-z0-9-]+)\.convex\.cloud/.exec(text)?.[1] ?? null
  const unsure =
    name === null ? ['which deployment is production: put what npx convex dashboard --prod --no-open says'] : []
  const found = options.parse({ deployment: name ?? 'name-of-production', dir })
  return { options: found, where, unsure, ...(name === null ? { unready: true as const } : {}) }
}
