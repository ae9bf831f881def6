import { heldFiles, jsonServer } from './host-tool.ts'

type Deployment = {
  id: string
  url: string
  readyState: string
  meta: Record<string, string>
  /** A folder has no hash. */
  files: { file: string; sha?: string }[]
  [key: string]: unknown
}

/**
 * As much of Vercel's API as its CLI needs to deploy a folder, list deploys, roll back and promote, and the site itself below
 * `/site/`; nothing leaves the machine.
 */
export async function vercelApi() {
  const deployments: Deployment[] = []
  const asked: string[] = []
  const held = heldFiles()
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

  const answer = (method: string, path: string, body: Record<string, unknown>, bytes: Buffer): unknown => {
    if (path === '/v2/user')
      return { user: { id: 'u1', username: 'ana', email: 'ana@example.com', version: 'northstar' } }
    if (path.startsWith('/teams/') || path.startsWith('/v1/teams/'))
      return { id: 'team_1', slug: 'ana-team', name: 'Ana' }
    if (/^\/v\d+\/projects\/prj_1$/.test(path) || /^\/v\d+\/projects\/mosaic$/.test(path)) return project()
    const [, kind, to] = /\/projects\/prj_1\/(rollback|promote)\/(\w+)$/.exec(path) ?? []
    if (method === 'POST' && to !== undefined) return lead(to, kind ?? '')
    if (/^\/v\d+\/files$/.test(path)) {
      held.keep(bytes)
      return {}
    }
    if (method === 'POST' && /^\/v\d+\/deployments$/.test(path)) {
      const files = (body['files'] ?? []) as Deployment['files']
      const missing = held.lacks(files.flatMap(({ sha }) => sha ?? []))
      if (missing.length > 0) return Response.json({ error: { code: 'missing_files', missing } }, { status: 400 })
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
        files,
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

  const server = await jsonServer((method, url, body, bytes) => {
    const [, wanted] = /^\/site\/(.*)$/.exec(url.pathname) ?? []
    const live = deployments.find(({ id }) => id === state.live)
    if (wanted !== undefined) return held.serve(live?.files.find(({ file }) => file === wanted)?.sha)
    asked.push(`${method} ${url.pathname}`)
    return answer(method, url.pathname, body, bytes)
  })
  return { url: server.url, site: `${server.url}/site`, deployments, asked, state, close: server.close }
}
