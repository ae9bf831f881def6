import { resolve } from 'node:path'
import { StepFailed } from '../core/failure.ts'
import type { CallRegistry } from '../core/plan.ts'
import { fieldsOf, jsonIn, runHost, textOf } from './host-cli.ts'
import type { Runs } from './host-cli.ts'
import { hosted, markOf, readMark } from './hosted.ts'
import type { Deployed, Host, Standing } from './hosted.ts'

/** How the Netlify CLI is called. `dir` is relative to what was built; `token` names the variable. */
export type NetlifyTold = {
  site: string
  dir: string
  functions: string | null
  filter: string | null
  command: string[]
  token: string
  askMs: number
  idleMs: number
  timeoutMs: number
}

/** What the host does by itself, and what waits for a CLI that may be gone. */
const WORKING = ['enqueued', 'building', 'uploaded', 'processing', 'retrying']
const WAITING = ['new', 'preparing', 'prepared', 'uploading', 'pending_review']
const UNASKED = 'see that site names the site and that its deploys are not locked; in a monorepo, set filter'

/** The words of a deploy; it publishes what is there and builds nothing. */
export function netlifyDeployArgs(told: NetlifyTold, dir: string, mark: string): string[] {
  const { command, functions, filter, site } = told
  return [
    ...command,
    'deploy',
    '--prod',
    '--no-build',
    '--dir',
    dir,
    '--json',
    '--site',
    site,
    '--message',
    mark,
    ...(functions === null ? [] : ['--functions', functions]),
    ...(filter === null ? [] : ['--filter', filter]),
  ]
}

/** The words of a method of the host's API. */
export function netlifyApiArgs(told: NetlifyTold, method: string, data: Record<string, unknown>): string[] {
  return [...told.command, 'api', method, '--data', JSON.stringify(data)]
}

/** The site as the API takes it: an id, or a domain. */
export function siteId({ site }: NetlifyTold): string {
  return /^[0-9a-f-]{36}$/.test(site) || site.includes('.') ? site : `${site}.netlify.app`
}

/** The site's own page, its live deploy and the newest ones. Throws StepFailed. */
export async function lookAtNetlify(told: NetlifyTold, io: Runs): Promise<Standing & { url: string | null }> {
  const site_id = siteId(told)
  const site = fieldsOf(await ask(told, 'getSite', { site_id }, io))
  if (textOf(site['id']) === null) throw new StepFailed('netlify', `Netlify has no site ${told.site}`)
  const list = await ask(told, 'listSiteDeploys', { site_id: site['id'], per_page: 50, production: true }, io)
  const live = deployedOf(site['published_deploy'])
  return {
    live,
    all: (Array.isArray(list) ? list : []).flatMap((one) => deployedOf(one) ?? []),
    url: textOf(site['ssl_url']),
  }
}

const host: Host<NetlifyTold> = {
  use: 'netlify',
  look: lookAtNetlify,
  put: async (told, { dir, commit }, io) => {
    const cwd = resolve(io.root, dir)
    const argv = netlifyDeployArgs(told, resolve(cwd, told.dir), markOf(io.run, commit))
    const { idleMs, timeoutMs } = told
    const printed = await runHost(
      { argv, cwd, env: envOf(told, io), told: false, unasked: UNASKED, idleMs, timeoutMs },
      io,
    )
    const made = fieldsOf(jsonIn(printed, 'netlify deploy'))
    const id = textOf(made['deploy_id'])
    if (id === null) throw new StepFailed('netlify', 'netlify deploy did not say which deploy it made')
    return { id, url: textOf(made['deploy_url']) }
  },
  restore: async (told, deploy_id, io) =>
    void (await ask(told, 'restoreSiteDeploy', { site_id: siteId(told), deploy_id }, io)),
  cancel: async (told, deploy_id, io) => void (await ask(told, 'cancelSiteDeploy', { deploy_id }, io)),
}

const work = hosted(host)

/** What the steps of the netlify target name. */
export const netlifyCalls = {
  'netlify.capture': work.capture,
  'netlify.deploy': work.deploy,
  'netlify.return': work.goBack,
  'netlify.probe': work.probe,
  'netlify.undo': work.undo,
} satisfies CallRegistry

async function ask(told: NetlifyTold, method: string, data: Record<string, unknown>, io: Runs): Promise<unknown> {
  const argv = netlifyApiArgs(told, method, data)
  const limits = { idleMs: told.askMs, timeoutMs: told.askMs }
  const child = { argv, cwd: io.root, env: envOf(told, io), told: false, unasked: UNASKED, ...limits }
  return jsonIn(await runHost(child, io), `netlify api ${method}`)
}

function envOf(told: NetlifyTold, io: Runs): Record<string, string> {
  return { NETLIFY_AUTH_TOKEN: io.secret(told.token) }
}

function deployedOf(value: unknown): Deployed | null {
  const given = fieldsOf(value)
  const id = textOf(given['id'])
  if (id === null) return null
  const state = textOf(given['state']) ?? ''
  return {
    id,
    url: textOf(given['deploy_ssl_url']) ?? textOf(given['deploy_url']),
    state:
      state === 'ready'
        ? 'ready'
        : WORKING.includes(state)
          ? 'working'
          : WAITING.includes(state)
            ? 'waiting'
            : 'failed',
    ...readMark(textOf(given['title'])),
  }
}
