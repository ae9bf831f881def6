import { join } from 'node:path'
import { z } from 'zod'
import type { Arg, Step } from '../core/plan.ts'
import type { DeployContext, RepoView, Target } from '../core/plug-in.ts'
import { hostChecks, hostedStep, hostFacts, lookingIo } from './hosted-step.ts'
import { lookAtNetlify, netlifyApiArgs, netlifyCalls, netlifyDeployArgs, siteId } from './netlify-calls.ts'
import type { NetlifyTold } from './netlify-calls.ts'
import { commandOption, hostOptions, insideOption } from './options.ts'

const options = z.strictObject({
  site: z
    .string()
    .regex(/^[A-Za-z0-9][\w.-]*$/, { error: 'is the name or the id of a site' })
    .describe('The site, by name or id. What was live before is what its own listing says.'),
  dir: insideOption.default('.').describe('The folder to publish, relative to what was built.'),
  functions: insideOption.optional().describe('The folder of functions, where netlify.toml names none.'),
  filter: z.string().min(1).optional().describe('In a monorepo, which package; the CLI asks when it cannot tell.'),
  ...hostOptions('NETLIFY_AUTH_TOKEN'),
  command: commandOption('netlify').describe('How the Netlify CLI is called.'),
})

type Options = z.infer<typeof options>

const LOOK = 'Look at it: netlify api getSite --data \'{"site_id":"SITE.netlify.app"}\''

/** Netlify, by its own CLI: the files as they were built, nothing built there. Going back is the host's own restore. */
export const netlify: Target<Options> = {
  use: 'netlify',
  says: 'Publishes what was built to a Netlify site, and goes back by restoring the deploy that was live before.',
  options,
  detect: async (repo) => {
    const toml = await repo.read('netlify.toml')
    const site = await linkedSite(repo)
    if (toml === null && site === null) return []
    const dir = /^\s*publish\s*=\s*["']([^"']+)["']/m.exec(toml ?? '')?.[1] ?? '.'
    const fits = insideOption.safeParse(dir).success ? dir : '.'
    const where = toml === null ? '.netlify/state.json' : 'netlify.toml'
    const unsure = site === null ? ['which site it is: set site to its name'] : []
    const found = options.parse({ site: site ?? 'name-of-the-site', dir: fits })
    return [{ options: found, where, unsure, ...(site === null ? { unready: true as const } : {}) }]
  },
  doctor: (o, place) =>
    hostChecks(
      {
        use: 'netlify',
        command: o.command,
        install: 'npm install --global netlify-cli',
        token: o.token,
        get: 'a personal access token from app.netlify.com/user/applications',
        fix: `Correct site, or use a token that may see it. ${LOOK}`,
      },
      place,
      async () => {
        const { url } = await lookAtNetlify(toldOf(o), lookingIo(place))
        return `${o.site} is ${url ?? 'there'}`
      },
    ),
  observe: (o, place) => hostFacts(() => lookAtNetlify({ ...toldOf(o), askMs: 20_000 }, lookingIo(place)), LOOK),
  calls: netlifyCalls,
  deploy: (o, context) => step('deploy', o, context),
  back: (o, context) => step('return', o, context),
}

function step(way: 'deploy' | 'return', o: Options, context: DeployContext): Step {
  const told = toldOf(o)
  const site_id = siteId(told)
  const dir: Arg = typeof context.dir === 'string' ? join(context.dir, o.dir) : `<dir>/${o.dir}`
  const commit = typeof context.commit === 'string' ? context.commit : '<commit>'
  return hostedStep(way, told, context, {
    title: 'netlify',
    detail: o.site,
    look: [netlifyApiArgs(told, 'getSite', { site_id })],
    put: [netlifyDeployArgs(told, dir, `Knowngood <run> ${commit}`)],
    restore: [netlifyApiArgs(told, 'restoreSiteDeploy', { site_id, deploy_id: '<the deploy before>' })],
  })
}

function toldOf({ idle, timeout, functions, filter, ...rest }: Options): NetlifyTold {
  const limits = { askMs: 60_000, idleMs: idle * 1000, timeoutMs: timeout * 1000 }
  return { ...rest, functions: functions ?? null, filter: filter ?? null, ...limits }
}

async function linkedSite(repo: RepoView): Promise<string | null> {
  const [, id] = /"siteId"\s*:\s*"([0-9a-f-]{36})"/.exec((await repo.read('.netlify/state.json')) ?? '') ?? []
  return id ?? null
}
