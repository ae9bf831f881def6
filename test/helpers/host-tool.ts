import { spawnSync } from 'node:child_process'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { delimiter, join } from 'node:path'

/**
 * The real CLI of a host: the one on PATH, else with KNOWNGOOD_SLOW=1 the wanted version, installed below `folder` and put on
 * PATH. Why there is none, where there is none.
 */
export function hostTool(folder: string, program: string, wanted: string): true | string {
  if (spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined) return true
  if (process.env['KNOWNGOOD_SLOW'] !== '1')
    return `${program} is missing: npm install --global ${wanted} (slow: KNOWNGOOD_SLOW=1)`
  const args = ['install', '--prefix', join(folder, 'tool'), '--no-audit', '--no-fund', '--ignore-scripts', wanted]
  if (spawnSync('npm', args, { stdio: 'ignore' }).status !== 0)
    return `${program} is missing, and no registry answers: ${wanted}`
  process.env['PATH'] = `${join(folder, 'tool/node_modules/.bin')}${delimiter}${process.env['PATH']}`
  return true
}

/** A server on the loopback that answers with JSON; null is what it does not know. */
export async function jsonServer(answer: (method: string, url: URL, body: Record<string, unknown>) => unknown) {
  const reply = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    const value = answer(request.method ?? 'GET', url, await bodyOf(request))
    response.writeHead(value === null ? 404 : 200, { 'content-type': 'application/json' })
    const unknown = { code: 404, message: 'Not Found', error: { code: 'not_found', message: 'Not found' } }
    response.end(JSON.stringify(value ?? unknown))
  }
  const server = createServer((request, response) => void reply(request, response))
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { url: `http://127.0.0.1:${port}`, close: () => void server.close() }
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>
  } catch {
    return {}
  }
}
