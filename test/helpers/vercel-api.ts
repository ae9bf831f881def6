import { jsonServer } from './host-tool.ts'

type Deployment = { id: string; url: string; readyState: string; meta: Record<string, string>; [key: string]: unknown }

/** As much of Vercel's API as its CLI needs to deploy a folder, list deploys, roll back and promote; nothing leaves the machine. */
export async function vercelApi() {
  const deployments: Deployment[] = []
  const asked: string[] = []
  /** `holds`: as after a rollback, a new deploy does not get the domain. */
  const state = { live: null as string | null, holds: false, last: null as object | null }
  const find = (name: string) =>
    deployments.find(
      ({ id, url }) => id === name || url === name || (name === 'mosaic.vercel.app' && id === state.live),
    )
  const project = () => ({
    id: 'prj_1',
    name: 'mosaic',
    accountId: 'team_1',
    framework: null,
    lastAliasRequest: state.last,
  })
  const lead = (id: string, type: string) => {
    const from = state.live
    state.live = id
    state.holds = type === 'rollback'
    state.last = { fromDeploymentId: from, toDeploymentId: id, jobStatus: 'succeeded', requestedAt: Date.now(), type }
    return {}
  }

  const answer = (method: string, path: string, body: Record<string, unknown>): unknown => {
    if (path === '/v2/user')
      return { user: { id: 'u1', username: 'ana', email: 'ana@example.com', version: 'northstar' } }
    if (path.startsWith('/teams/') || path.startsWith('/v1/teams/'))
      return { id: 'team_1', slug: 'ana-team', name: 'Ana' }
    if (/^\/v\d+\/projects\/prj_1$/.test(path) || /^\/v\d+\/projects\/mosaic$/.test(path)) return project()
    const [, kind, to] = /\/projects\/prj_1\/(rollback|promote)\/(\w+)$/.exec(path) ?? []
    if (method === 'POST' && to !== undefined) return lead(to, kind ?? '')
    if (/^\/v\d+\/files$/.test(path)) return {}
    if (method === 'POST' && /^\/v\d+\/deployments$/.test(path)) {
      const number = deployments.length + 1
      const made: Deployment = {
        id: `dpl_${number}`,
        url: `mosaic-${number}.vercel.app`,
        name: 'mosaic',
        version: 2,
        projectId: 'prj_1',
        ownerId: 'team_1',
        target: 'production',
        readyState: 'READY',
        aliasAssigned: true,
        alias: [],
        createdAt: Date.now(),
        creator: { uid: 'u1', username: 'ana' },
        meta: (body['meta'] ?? {}) as Record<string, string>,
      }
      deployments.unshift(made)
      if (!state.holds) state.live = made.id
      return made
    }
    if (method === 'GET' && /^\/v\d+\/deployments$/.test(path))
      return { deployments, pagination: { count: deployments.length, next: null, prev: null } }
    const [, name = ''] = /^\/(?:v\d+|now)\/deployments\/([^/]+)$/.exec(path) ?? []
    if (path.endsWith('/builds')) return { builds: [] }
    if (path.endsWith('/aliases')) return { aliases: [], pagination: {} }
    const found = find(decodeURIComponent(name))
    if (method === 'DELETE' && found !== undefined) deployments.splice(deployments.indexOf(found), 1)
    return found ?? null
  }

  const server = await jsonServer((method, url, body) => {
    asked.push(`${method} ${url.pathname}`)
    return answer(method, url.pathname, body)
  })
  return { url: server.url, deployments, asked, state, close: server.close }
}
