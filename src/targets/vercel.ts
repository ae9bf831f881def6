import { z } from 'zod'
import type { Step } from '../core/plan.ts'
import type { DeployContext, RepoView, Target } from '../core/plug-in.ts'
import { hostChecks, hostedStep, hostFacts, lookingIo } from './hosted-step.ts'
import { commandOption, hostOptions, insideOption } from './options.ts'
import { lookAtVercel, vercelArgs, vercelCalls, vercelDeployArgs, vercelRollbackArgs } from './vercel-calls.ts'
import type { VercelTold } from './vercel-calls.ts'

const id = z.string().regex(/^[A-Za-z0-9]\w*$/, { error: 'is an id, as .vercel/project.json has it' })

const options = z.strictObject({
  domain: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9.-]*\.[A-Za-z]+$/, { error: 'is a domain, such as mosaic.vercel.app' })
    .describe('The production domain. The deploy it leads to is what is live.'),
  project: id.describe('`projectId` of .vercel/project.json. Without it the CLI would make a new project.'),
  org: id.describe('`orgId` of .vercel/project.json.'),
  dir: insideOption.default('.').describe('The folder to deploy, relative to what was built.'),
  prebuilt: z.boolean().default(false).describe('Deploy .vercel/output as vercel build made it; else Vercel builds.'),
  ...hostOptions('VERCEL_TOKEN'),
  command: commandOption('vercel').describe('How the Vercel CLI is called.'),
})

type Options = z.infer<typeof options>

/** Vercel, by its own CLI. Going back is its instant rollback; a deploy after one is promoted, as the host then waits for that. */
export const vercel: Target<Options> = {
  use: 'vercel',
  says: 'Deploys to a Vercel project, and goes back by its instant rollback to the deploy that was live before.',
  options,
  detect: async (repo) => {
    const link = (await repo.read('.vercel/project.json')) ?? ''
    const found = (name: string) => new RegExp(`"${name}"\\s*:\\s*"(\\w+)"`).exec(link)?.[1] ?? null
    const [project, org] = [found('projectId'), found('orgId')]
    if (project === null && (await repo.read('vercel.json')) === null) return []
    const domain = await domainOf(repo)
    const unsure = domain === null ? ['which domain is production: set domain'] : []
    if (project === null || org === null) unsure.push('which project it is: run vercel link, then set project and org')
    const told = {
      domain: domain ?? 'name-of-the-site.vercel.app',
      project: project ?? 'projectId',
      org: org ?? 'orgId',
    }
    const where = project === null ? 'vercel.json' : '.vercel/project.json'
    const ready = domain !== null && project !== null && org !== null
    return [{ options: options.parse(told), where, unsure, ...(ready ? {} : { unready: true as const }) }]
  },
  doctor: (o, place) =>
    hostChecks(
      {
        use: 'vercel',
        command: o.command,
        install: 'npm install --global vercel',
        token: o.token,
        get: 'a token from vercel.com/account/tokens',
        fix: `Correct domain, project and org, or use a token that may see them. Look at it: vercel inspect ${o.domain}`,
      },
      place,
      async () => {
        const { live } = await lookAtVercel(toldOf(o), lookingIo(place))
        return live === null ? `${o.domain} leads to no deploy yet` : `${o.domain} leads to ${live.id}`
      },
    ),
  observe: (o, place) =>
    hostFacts(
      () => lookAtVercel({ ...toldOf(o), askMs: 20_000 }, lookingIo(place)),
      `Look at it: vercel inspect ${o.domain}`,
    ),
  calls: vercelCalls,
  deploy: (o, context) => step('deploy', o, context),
  back: (o, context) => step('return', o, context),
}

function step(way: 'deploy' | 'return', o: Options, context: DeployContext): Step {
  const told = toldOf(o)
  const commit = typeof context.commit === 'string' ? context.commit : '<commit>'
  return hostedStep(way, told, context, {
    title: 'vercel',
    detail: o.domain,
    look: [vercelArgs.inspect(told), vercelArgs.list(told)],
    put: [vercelDeployArgs(told, '<run>', commit)],
    restore: [vercelRollbackArgs(told, '<the deploy before>')],
  })
}

function toldOf({ idle, timeout, ...rest }: Options): VercelTold {
  return { ...rest, askMs: 60_000, idleMs: idle * 1000, timeoutMs: timeout * 1000 }
}

/** The production domain, where the repository says it: an alias of vercel.json, a homepage, a CNAME. */
async function domainOf(repo: RepoView): Promise<string | null> {
  const [config = '', manifest = ''] = await Promise.all(
    ['vercel.json', 'package.json'].map(async (path) => (await repo.read(path)) ?? ''),
  )
  const said = [
    /"alias"\s*:\s*\[?\s*"([^"]+)"/.exec(config)?.[1],
    /"homepage"\s*:\s*"https:\/\/([^"/:]+)\/?"/.exec(manifest)?.[1],
    ((await repo.read('CNAME')) ?? '').trim(),
  ]
  return said.find((domain) => options.shape.domain.safeParse(domain).success && domain !== 'github.com') ?? null
}
