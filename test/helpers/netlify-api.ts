import { heldFiles, jsonServer } from './host-tool.ts'

type Deploy = {
  id: string
  state: string
  files: Record<string, string>
  required: string[]
  title: string | null
  [key: string]: unknown
}

/**
 * As much of Netlify's API as its CLI needs to deploy a folder, list deploys and restore one, and the site itself at `/`; nothing
 * leaves the machine.
 */
export async function netlifyApi() {
  const site_id = '00000000-0000-4000-8000-000000000001'
  const deploys: Deploy[] = []
  const asked: string[] = []
  const held = heldFiles()
  const state = { published: null as string | null, locked: false }
  const deployOf = (id: string | undefined) => deploys.find((one) => one.id === id)
  const site = () => {
    const live = state.published === null ? null : deployOf(state.published)
    return {
      id: site_id,
      site_id,
      name: 'mosaic',
      url: 'http://mosaic.netlify.app',
      ssl_url: 'https://mosaic.netlify.app',
      admin_url: 'https://app.netlify.com/projects/mosaic',
      account_slug: 'ana',
      account_id: 'a1',
      build_settings: {},
      published_deploy: live === null ? null : { ...live, locked: state.locked },
    }
  }

  /** A deploy is ready, and live, once it has every file of its own. */
  const settle = (deploy: Deploy) => {
    deploy.required = held.lacks(Object.values(deploy.files))
    deploy.state = deploy.required.length === 0 ? 'ready' : 'prepared'
    if (deploy.state === 'ready' && !state.locked) state.published = deploy.id
  }

  const answer = (
    method: string,
    path: string,
    { body, bytes, url }: { body: Record<string, unknown>; bytes: Buffer; url: URL },
  ): unknown => {
    const [, rest = ''] = path.split('/api/v1')
    const [, id, verb] = /^\/sites\/[^/]+\/deploys\/([^/]+)(?:\/(\w+))?$/.exec(rest) ?? []
    if (method === 'POST' && verb === 'restore') {
      state.published = id ?? null
      return deployOf(id)
    }
    if (/^\/sites\/[^/]+\/deploys$/.test(rest)) {
      if (method === 'GET') return deploys
      const number = deploys.length + 1
      const made: Deploy = {
        id: `65f0000000000000000000${String(number).padStart(2, '0')}`,
        site_id,
        name: 'mosaic',
        state: 'new',
        title: url.searchParams.get('title') ?? (typeof body['title'] === 'string' ? body['title'] : null),
        context: 'production',
        url: 'http://mosaic.netlify.app',
        ssl_url: 'https://mosaic.netlify.app',
        deploy_ssl_url: `https://deploy${number}--mosaic.netlify.app`,
        admin_url: 'https://app.netlify.com/projects/mosaic',
        required: [],
        files: {},
        required_functions: [],
      }
      deploys.unshift(made)
      return made
    }
    const [, of] = /^\/deploys\/([^/]+)\/files\//.exec(rest) ?? []
    const sent = deployOf(of)
    if (sent !== undefined) {
      const sha = held.keep(bytes)
      settle(sent)
      return { id: rest, sha, size: bytes.length }
    }
    const [, one, done] = /\/deploys\/([^/]+)(?:\/(cancel))?$/.exec(rest) ?? []
    const deploy = deployOf(one)
    if (deploy !== undefined) {
      if (done === 'cancel') deploy.state = 'error'
      else if (method === 'PUT') {
        deploy.files = Object.fromEntries(
          Object.entries((body['files'] ?? {}) as Deploy['files']).map(([name, sum]) => [
            name.replace(/^\/?/, '/'),
            sum,
          ]),
        )
        settle(deploy)
      }
      return deploy
    }
    if (rest === '/sites') return [site()]
    if (/^\/sites\/[^/]+$/.test(rest)) return rest.includes('nobody') ? null : site()
    if (rest === '/user') return { id: 'u1', email: 'ana@example.com', full_name: 'Ana' }
    if (rest === '/accounts') return [{ id: 'a1', slug: 'ana', name: 'Ana' }]
    return rest.endsWith('/env') ? [] : null
  }

  const server = await jsonServer((method, url, body, bytes) => {
    const live = deployOf(state.published ?? '')
    if (!url.pathname.startsWith('/api/v1/')) return held.serve(live?.files[url.pathname])
    asked.push(`${method} ${url.pathname}`)
    return answer(method, url.pathname, { body, bytes, url })
  })
  return { url: `${server.url}/api/v1`, site: server.url, deploys, asked, state, close: server.close }
}
