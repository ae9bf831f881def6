import { readFile, realpath } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { extname, join, sep } from 'node:path'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
}

/**
 * Serves what `site/current` points at on 127.0.0.1, `/preview/` from the clone at `root`, and `/health`.
 * It lives in this process, so it ends with it, however that ends. A taken `port` falls back to any free one.
 */
export async function serve(
  site: string,
  root: string,
  port: number,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => void answer(site, root, request, response))
  await listen(server, port).catch(() => listen(server, 0))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The site got no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', reject)
      resolve()
    })
  })
}

async function answer(site: string, root: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const send = (status: number, body: Buffer | string, type = 'text/plain; charset=utf-8'): void => {
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
    response.end(request.method === 'HEAD' ? undefined : body)
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(405, 'Only reading.\n')
  const path = pathOf(request.url ?? '/')
  if (path === '/health') {
    const ill = await illness(site, request)
    return ill === null ? send(200, 'ok\n') : send(500, `${ill}\n`)
  }
  const preview = path?.startsWith('/preview/') ?? false
  const file =
    path === null ? null : await publicFile(preview ? root : join(site, 'current'), preview ? path.slice(8) : path)
  // A release may be replaced, or the demo removed, between looking and reading.
  const body = file === null ? null : await readFile(file).catch(() => null)
  if (file === null || body === null) return send(404, 'Not here.\n')
  return send(200, body, types[extname(file)] ?? 'application/octet-stream')
}

function pathOf(url: string): string | null {
  try {
    return decodeURIComponent(url.split('?', 1)[0] ?? '/')
  } catch {
    return null
  }
}

/** A page, style or script inside `folder`, links resolved; null for everything else. */
async function publicFile(folder: string, path: string): Promise<string | null> {
  const wanted = path.endsWith('/') ? `${path}index.html` : path
  const served = types[extname(wanted)] !== undefined
  if (!served || wanted.includes('\0') || wanted.split('/').some((part) => part.startsWith('.'))) return null
  const home = await realpath(folder).catch(() => null)
  const file = home === null ? null : await realpath(join(home, wanted)).catch(() => null)
  return home !== null && file?.startsWith(home + sep) ? file : null
}

/** Why people cannot sign in: the released session cookie names a host that is not this one. */
async function illness(site: string, request: IncomingMessage): Promise<string | null> {
  try {
    const session: unknown = JSON.parse(await readFile(join(site, 'current', 'config', 'session.json'), 'utf8'))
    const domain = typeof session === 'object' && session !== null && 'domain' in session ? session.domain : null
    const host = (request.headers.host ?? '').split(':')[0]
    if (domain === null || domain === host) return null
    return `sign-in is broken: the session cookie belongs to ${String(domain)}, this host is ${host}`
  } catch {
    return 'the release has no readable config/session.json'
  }
}
