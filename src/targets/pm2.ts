import { resolve } from 'node:path'
import { z } from 'zod'
import { messageOf, reasonOf } from '../core/failure.ts'
import { known, unknown } from '../core/known.ts'
import type { Call, Step } from '../core/plan.ts'
import type { DeployContext, Target } from '../core/plug-in.ts'
import { call } from '../core/step.ts'
import { now } from '../world/clock.ts'
import { missingProgram } from '../world/programs.ts'
import { appsOf, pm2Args, pm2Calls } from './pm2-calls.ts'
import type { Pm2Told } from './pm2-calls.ts'
import { commandOption, insideOption } from './options.ts'
import { currentRelease } from './release-folders.ts'

const ECOSYSTEM = ['ecosystem.config.cjs', 'ecosystem.config.js', 'ecosystem.config.json'] as const

const options = z.strictObject({
  place: z
    .string()
    .min(1)
    .describe('Where releases are kept: `releases/<run>` below it, and `current`, the link the processes run from.'),
  apps: z
    .array(z.string().regex(/^[\w][\w.@ -]*$/, { error: 'is the name of a PM2 process' }))
    .nonempty()
    .describe('The processes, as the ecosystem file calls them.'),
  ecosystem: insideOption
    .default(ECOSYSTEM[0])
    .describe(
      'The ecosystem file, relative to what was built. PM2 starts from the link, so paths in it stay the same.',
    ),
  by: z
    .enum(['reload', 'restart'])
    .default('reload')
    .describe('reload: one process after the other, without a gap in cluster mode. restart: all are stopped first.'),
  keep: z.int().min(1).default(5).describe('How many releases stay in their folders, the live one included.'),
  command: commandOption('pm2').describe('How PM2 is called.'),
  timeout: z.int().positive().default(120).describe('Seconds until the processes must run and stay up.'),
})

type Options = z.infer<typeof options>

/**
 * PM2 on this machine: every release in a folder of its own, `current` leading to one of them. Going back leads the link back
 * and takes no build.
 */
export const pm2: Target<Options> = {
  use: 'pm2',
  says: 'Puts what was built into a folder of its own and has PM2 on this machine take it up.',
  options,
  detect: async (repo) => {
    for (const ecosystem of ECOSYSTEM) {
      const text = await repo.read(ecosystem)
      if (text === null) continue
      const named = [...text.matchAll(/\bname['"]?\s*:\s*['"]([\w][\w.@ -]*)['"]/g)].flatMap(([, name]) => name ?? [])
      const [first = 'app', ...more] = new Set(named)
      // Where processes run from `current`, releases are kept beside it.
      const place = /\bcwd['"]?\s*:\s*['"](\/[\w./-]+)\/current['"/]/.exec(text)?.[1] ?? null
      const unsure = place === null ? ['where releases are kept on the machine that runs PM2: set place'] : []
      if (named.length === 0) unsure.push('the names of the processes: set apps')
      return [
        {
          options: options.parse({ place: place ?? 'production', apps: [first, ...more], ecosystem }),
          where: ecosystem,
          unsure,
          ...(place === null || named.length === 0 ? { unready: true as const } : {}),
        },
      ]
    }
    return []
  },
  doctor: async (o, place) => {
    const program = o.command[0] ?? ''
    const missing = await missingProgram(program, place.root)
    const cli = {
      id: 'pm2.command',
      ok: missing === null,
      says: missing ?? `${program} is there`,
      fix: missing === null ? '' : 'Install it: npm install --global pm2; or correct command.',
    }
    if (missing !== null) return [cli]
    const link = await currentRelease(resolve(place.root, o.place)).then(
      (release) => ({
        ok: true,
        says: release === null ? `${o.place} has no release yet` : `${o.place} is at ${release}`,
      }),
      (error: unknown) => ({ ok: false, says: messageOf(error) }),
    )
    const fix = link.ok ? '' : `${o.place}/current must be a link: move what stands there away.`
    return [cli, { id: 'pm2.place', ...link, fix }]
  },
  observe: async (o, place) => {
    const at = now().toISOString()
    try {
      const release = await currentRelease(resolve(place.root, o.place))
      const apps = await appsOf(toldOf(o), place)
      const commits = new Set(apps.map((app) => app.commit))
      const settled = apps.every((app) => app.state === 'online' && app.release === release)
      return known({ settled, live: commits.size === 1 ? ([...commits][0] ?? null) : null, deployId: release }, at)
    } catch (error) {
      return unknown(reasonOf(error), 'Look at it: pm2 list', at)
    }
  },
  calls: pm2Calls,
  deploy: (o, context) => {
    const told = toldOf(o)
    const input = { told, dir: context.dir, commit: context.commit, buildId: context.buildId }
    return step(o, context, [
      call('pm2.place', input, `copy what was built into ${o.place}/releases`, [
        ['cp', '-a', context.dir, `${o.place}/releases/<run>`],
      ]),
      serveCall('pm2.serve', { told, commit: context.commit }, o),
    ])
  },
  back: (o, context) => {
    const input = { told: toldOf(o), dir: context.dir, commit: context.commit, buildId: context.buildId }
    return step(o, context, [serveCall('pm2.return', input, o)])
  },
}

function serveCall(name: string, input: Call['input'], o: Options): Call {
  const says = `lead ${o.place}/current to it, and ${o.by} ${o.apps.join(', ')}`
  return call(name, input, says, [['ln', '-sfn', 'releases/<run>', `${o.place}/current`], pm2Args(toldOf(o))])
}

function step(o: Options, context: DeployContext, actions: Step['actions']): Step {
  const told = toldOf(o)
  const was = { $: 'was.release' }
  const look = [
    ['readlink', `${o.place}/current`],
    [...o.command, 'list'],
  ]
  return {
    id: context.id,
    title: 'pm2',
    detail: `${o.by} ${o.apps.join(', ')}`,
    effect: 'outward',
    fence: true,
    capture: call('pm2.capture', { told }, `which release ${o.place}/current leads to`, look),
    actions,
    gives: ['release'],
    probe: call('pm2.probe', { told, was, commit: context.commit }, 'whether every process runs this release', look),
    undo: [
      call('pm2.back', { told, was }, `lead ${o.place}/current back, and ${o.by} ${o.apps.join(', ')}`, [
        ['ln', '-sfn', 'releases/<the one before>', `${o.place}/current`],
        pm2Args(told),
      ]),
    ],
    stop: 'before',
    onFail: 'undo',
  }
}

function toldOf({ timeout, ...rest }: Options): Pm2Told {
  return { ...rest, timeoutMs: timeout * 1000 }
}
