import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { messageOf } from '../core/failure.ts'
import { known } from '../core/known.ts'
import type { Check, Detected, Place, Source } from '../core/plug-in.ts'
import { shellWord } from '../core/shell.ts'
import { call, step } from '../core/step.ts'
import { now } from '../world/clock.ts'
import { captureStep } from './captured.ts'
import { convexCalls } from './convex/calls.ts'
import { askArgs, exportArgs, mustLeadTo } from './convex/cli.ts'
import type { Told } from './convex/cli.ts'
import type { Content } from './convex/live.ts'
import { importStep, restoreSteps } from './convex/steps.ts'

const options = z.strictObject({
  deployment: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,99}$/, { error: 'is the name of a deployment, such as happy-sturgeon-123' })
    .describe('The production deployment, as the dashboard calls it; a CLI that acts on another one is stopped.'),
  fileStorage: z.boolean().default(false).describe('Take stored files along.'),
  replace: z
    .enum(['tables', 'all'])
    .default('tables')
    .describe('What a restore replaces: the tables of the backup, or all, so that newer tables go.'),
  dir: z
    .string()
    .regex(/^(?![-/~])(?!.*(?:^|\/)\.\.(?:\/|$))[^\\\p{Cc}]+$/u, { error: 'is a path inside the repository' })
    .default('.')
    .describe('The folder whose package.json has convex.'),
  command: z.array(z.string().min(1)).nonempty().default(['npx', 'convex']).describe('How the Convex CLI is called.'),
  idle: z.int().positive().default(3600).describe('Seconds without a word until the CLI is given up.'),
})

type Options = z.infer<typeof options>

/**
 * A Convex deployment, by its own CLI. Before anything is exported or imported the CLI is asked which deployment it acts
 * on. What a restore replaced is kept as `.knowngood/undo/<run>/<name>.zip`.
 */
export const convex: Source<Options> = {
  use: 'convex',
  says: 'A Convex deployment, exported and imported by its own CLI; every step names the deployment.',
  holds: 'database',
  schemaless: true,
  options,
  detect: async (repo) => {
    const found: Detected<Options>[] = []
    for (const path of await repo.glob('**/package.json')) {
      const dir = path.slice(0, -'/package.json'.length) || '.'
      if (/(?:^|\/)node_modules\//.test(path) || !dependsOnConvex(await repo.read(path))) continue
      const named = /https:\/\/([a-z0-9-]+)\.convex\.cloud/.exec((await repo.read(join(dir, 'convex.json'))) ?? '')?.[1]
      const deployment = named ?? 'name-of-production'
      const ask = `it is taken to be ${deployment}; put what npx convex dashboard --prod --no-open says`
      found.push({
        options: options.parse({ deployment, dir }),
        where: path,
        unsure: [`which deployment is production: ${ask}`],
        ...(named === undefined ? { unready: true as const } : {}),
      })
    }
    return found
  },
  doctor: async (o, place) => {
    const folder = await stat(join(place.root, o.dir, 'package.json')).catch(() => null)
    const here: Check = {
      id: 'convex.dir',
      ok: folder !== null,
      says: folder === null ? `${o.dir} has no package.json` : `${o.dir} has a package.json`,
      fix: folder === null ? 'Correct dir in knowngood.yaml.' : '',
    }
    return folder === null ? [here] : [here, await deploymentCheck(o, place)]
  },
  observe: async (o) => ({ schema: known(null, now().toISOString()), detail: { deployment: o.deployment } }),
  calls: convexCalls,
  capture: (o, context) => {
    const path = `database/${context.name}.zip`
    const told = toldOf(o, context.name)
    return captureStep('convex', context, {
      title: context.name,
      detail: `deployment ${o.deployment}`,
      paths: [path],
      input: { told },
      says: `export the deployment ${o.deployment}, and count its documents`,
      byHand: [askArgs(told), exportArgs(told, join(context.stage, path))],
    })
  },
  readable: (o, { id, part, file }) =>
    step(
      id,
      part.path,
      [
        call('convex.readable', { file, part }, `unpack ${part.path} and count its documents`, [
          ['unzip', '-tq', file],
        ]),
      ],
      { detail: `deployment ${o.deployment}`, gives: ['counts'], stop: 'anytime' },
    ),
  restore: (o, context) => restoreSteps(toldOf(o, context.name), context),
  back: (o, { id, name, run, kept }) => {
    const from = kept as Content
    return importStep(id, `Put ${name} back`, toldOf(o, name), { run, from, place: from.file })
  },
  // The CLI works in the project's folder, wherever the backup lies, and on the deployment it is told.
  manual: (o, part) => {
    const project = `"$\{PROJECT:-$(git rev-parse --show-toplevel)}"/${shellWord(o.dir)}`
    const put = `${o.command.map(shellWord).join(' ')} import --deployment "$\{DEPLOYMENT:?}" --replace -y "$zip"`
    return [`(zip="$PWD"/${shellWord(part.path)}; cd ${project} && ${put}) # production is ${o.deployment}`]
  },
}

function toldOf({ idle, deployment, command, dir, fileStorage, replace }: Options, name: string): Told {
  return { name, deployment, command, dir, fileStorage, replace, idleMs: idle * 1000 }
}

function dependsOnConvex(text: string | null): boolean {
  try {
    const manifest = JSON.parse(text ?? '') as Record<string, Record<string, unknown> | undefined> | null
    return ['dependencies', 'devDependencies'].some((kind) => manifest?.[kind]?.['convex'] !== undefined)
  } catch {
    return false
  }
}

async function deploymentCheck(o: Options, place: Place): Promise<Check> {
  const id = `convex.${o.deployment}`
  const signal = place.signal ?? new AbortController().signal
  const told = toldOf(o, '')
  try {
    await mustLeadTo(told, { root: place.root, run: '', signal, child: () => {}, line: () => {} })
    return { id, ok: true, says: `the CLI acts on ${o.deployment}`, fix: '' }
  } catch (error) {
    return { id, ok: false, says: messageOf(error), fix: `Look at it: ${askArgs(told).join(' ')}` }
  }
}
