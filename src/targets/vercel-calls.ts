import { resolve } from 'node:path'
import { messageOf, StepFailed } from '../core/failure.ts'
import type { CallRegistry } from '../core/plan.ts'
import { fieldsOf, jsonIn, runHost, textOf } from './host-cli.ts'
import type { Runs } from './host-cli.ts'
import { hosted } from './hosted.ts'
import type { Deployed, Host, Standing } from './hosted.ts'

/** How the Vercel CLI is called. `dir` is relative to what was built; `token` names the variable. */
export type VercelTold = {
  domain: string
  project: string
  org: string
  dir: string
  prebuilt: boolean
  command: string[]
  token: string
  askMs: number
  idleMs: number
  timeoutMs: number
}

const WORKING = ['QUEUED', 'INITIALIZING', 'BUILDING', 'DEPLOYING', 'ANALYZING']
const UNASKED = 'see that project and org are the ids in .vercel/project.json, and that the token may use that team'
/** How long its own waiting lasts; the change itself goes on at the host. */
const WAITS = '3m'

/** The words of a production deploy; `--yes` takes what would be asked. */
export function vercelDeployArgs(told: VercelTold, run: string, commit: string): string[] {
  const meta = ['--meta', `knowngoodRun=${run}`, '--meta', `knowngoodCommit=${commit}`]
  return [...told.command, 'deploy', '--prod', '--yes', ...meta, ...(told.prebuilt ? ['--prebuilt'] : [])]
}

/** The words that make an earlier deploy live again. */
export function vercelRollbackArgs(told: VercelTold, url: string): string[] {
  return [...told.command, 'rollback', url, '--yes', '--timeout', WAITS]
}

/** Every other way in which the CLI is called. */
export const vercelArgs = {
  inspect: ({ command, domain }: VercelTold) => [...command, 'inspect', domain, '--format', 'json'],
  list: ({ command }: VercelTold) => [...command, 'list', '--environment', 'production', '--format', 'json', '--yes'],
  promote: ({ command }: VercelTold, url: string) => [...command, 'promote', url, '--yes', '--timeout', WAITS],
  remove: ({ command }: VercelTold, url: string) => [...command, 'remove', url, '--safe', '--yes'],
}

/** What the production domain leads to, and the newest production deploys. Throws StepFailed. */
export async function lookAtVercel(told: VercelTold, io: Runs): Promise<Standing> {
  const list = fieldsOf(jsonIn(await ask(told, vercelArgs.list(told), io), 'vercel list'))['deployments']
  const all = (Array.isArray(list) ? list : []).flatMap((one) => deployedOf(one) ?? [])
  const url = await servedBy(told, io)
  const live = url === null ? null : (all.find(({ id }) => id === url) ?? madeElsewhere(url))
  return { live, all }
}

const host: Host<VercelTold> = {
  use: 'vercel',
  look: lookAtVercel,
  put: async (told, { dir, commit }, io) => {
    const cwd = resolve(io.root, dir, told.dir)
    const { idleMs, timeoutMs } = told
    const child = {
      argv: vercelDeployArgs(told, io.run, commit),
      cwd,
      env: envOf(told, io),
      told: false,
      unasked: UNASKED,
    }
    // The last word on stdout, without a newline.
    const printed = await runHost({ ...child, idleMs, timeoutMs }, io)
    const id = /https:\/\/([\w.-]+)\s*$/.exec(printed)?.[1]
    if (id === undefined) throw new StepFailed('vercel', 'vercel deploy did not say which deploy it made')
    // After a rollback the host no longer gives the domain to new deploys by itself.
    if ((await servedBy(told, io)) !== id)
      await ask(told, vercelArgs.promote(told, id), io).catch((error: unknown) => io.line(messageOf(error)))
    return { id, url: `https://${id}` }
  },
  restore: async (told, url, io) => void (await ask(told, vercelRollbackArgs(told, url), io)),
  // It would go on building and come live later; what a domain leads to is left alone.
  cancel: async (told, url, io) => void (await ask(told, vercelArgs.remove(told, url), io)),
}

const work = hosted(host)

/** What the steps of the vercel target name. */
export const vercelCalls = {
  'vercel.capture': work.capture,
  'vercel.deploy': work.deploy,
  'vercel.return': work.goBack,
  'vercel.probe': work.probe,
  'vercel.undo': work.undo,
} satisfies CallRegistry

/** The deploy the production domain leads to; null while it leads nowhere. */
async function servedBy(told: VercelTold, io: Runs): Promise<string | null> {
  try {
    return textOf(fieldsOf(jsonIn(await ask(told, vercelArgs.inspect(told), io), 'vercel inspect'))['url'])
  } catch (error) {
    const said = error instanceof StepFailed ? error.output.join('\n') : ''
    if (/can't find the deployment|deployment not found/i.test(said)) return null
    throw error
  }
}

async function ask(told: VercelTold, argv: string[], io: Runs): Promise<string> {
  const long = argv.includes('--timeout') ? 240_000 : told.askMs
  const child = { argv, cwd: io.root, env: envOf(told, io), told: false, unasked: UNASKED }
  return await runHost({ ...child, idleMs: long, timeoutMs: long }, io)
}

/** The CLI reads its token and which project it works on from these; without them it would make a new project. */
function envOf(told: VercelTold, io: Runs): Record<string, string> {
  return { VERCEL_TOKEN: io.secret(told.token), VERCEL_PROJECT_ID: told.project, VERCEL_ORG_ID: told.org }
}

function deployedOf(value: unknown): Deployed | null {
  const given = fieldsOf(value)
  const id = textOf(given['url'])
  if (id === null) return null
  const state = textOf(given['state']) ?? ''
  const meta = fieldsOf(given['meta'])
  return {
    id,
    url: `https://${id}`,
    state: state === 'READY' ? 'ready' : WORKING.includes(state) ? 'working' : 'failed',
    run: textOf(meta['knowngoodRun']),
    commit: textOf(meta['knowngoodCommit']),
  }
}

function madeElsewhere(id: string): Deployed {
  return { id, url: `https://${id}`, state: 'ready', run: null, commit: null }
}
